"""Data tests of the feedback that is new since the live version was trained, before a training.

Their accuracy is left to the gate: a retraining is what mends it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from pipeline.data_tests.feedback_rows import read_feedback_rows
from pipeline.data_tests.result import DataTest, Rows, describe_failed
from pipeline.data_tests.suite import Suite, failed_of
from pipeline.registry.prepared import PreparedData, reference_rows_of
from pipeline.retraining.champion import Champion
from pipeline.retraining.gate import Verdict
from pipeline.settings import Settings
from pipeline.store.decision_log import DATA_TESTS_FAILED, REJECTED, Decision

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NewFeedback:
    """The tests that ran; none when they are off, or the new rows too few."""

    tests: Sequence[DataTest] = ()

    @property
    def failed(self) -> list[DataTest]:
        return failed_of(self.tests)

    def note(self, verdict: Verdict) -> Verdict:
        """The verdict with what the tests found in its numbers and its reason."""
        if not self.tests:
            return verdict
        numbers = {**verdict.numbers, DATA_TESTS_FAILED: len(self.failed)}
        reason = verdict.reason
        if self.failed:
            reason = f"{reason}; data tests failed: {describe_failed(self.failed)}"
        return replace(verdict, reason=reason, numbers=numbers)

    def refuse(self, parent: str | None) -> Decision:
        """A retraining that did not take place, because of what failed."""
        reason = f"rejected: the new feedback failed data tests: {describe_failed(self.failed)}"
        numbers = {DATA_TESTS_FAILED: len(self.failed)}
        return Decision(REJECTED, reason, parent=parent, numbers=numbers)


def inspect_new_feedback(
    settings: Settings, prepared: PreparedData, engine: Engine, live: Champion | None
) -> NewFeedback:
    """Run the suite, and log what fails."""
    known = reference_rows_of(prepared.sealed)
    if settings.retraining.data_tests == "off" or known is None:
        return NewFeedback()
    schema, embedding_id = prepared.embedding.schema, prepared.embedding.embedding_id
    after = 0 if live is None else live.trained_through
    rows = read_feedback_rows(engine, schema, embedding_id, after)
    wanted = settings.data_tests
    if len(rows) < wanted.minimum_rows:
        return NewFeedback()
    suite = Suite(schema, Rows(known.values, known.targets), wanted, accuracy=None)
    found = NewFeedback(suite.run(rows))
    if found.failed:
        log.warning("The new feedback fails data tests: %s", describe_failed(found.failed))
    return found
