"""Runs data tests on the feedback that came since the live version was trained.

Accuracy is not tested: bad accuracy is a reason to retrain, and the gate judges the result.
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
    """The tests that ran; none if they are off, or if there are too few new rows."""

    tests: Sequence[DataTest] = ()

    @property
    def failed(self) -> list[DataTest]:
        return failed_of(self.tests)

    def note(self, verdict: Verdict) -> Verdict:
        """Add what the tests found to the numbers and the reason of a verdict."""
        if not self.tests:
            return verdict
        numbers = {**verdict.numbers, DATA_TESTS_FAILED: len(self.failed)}
        reason = verdict.reason
        if self.failed:
            reason = f"{reason}; data tests failed: {describe_failed(self.failed)}"
        return replace(verdict, reason=reason, numbers=numbers)

    def refuse(self, parent: str | None) -> Decision:
        """The decision not to train, because tests failed."""
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
