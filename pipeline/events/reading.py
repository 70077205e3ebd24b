"""Reads what is new in the store as events. Row numbers tell what was read before."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from sqlalchemy import Connection, func, select

from pipeline.events.describing import (
    describe_correction,
    describe_decision,
    describe_drift,
    describe_feedback,
    describe_prediction,
    describe_requests,
)
from pipeline.events.schema import DECISION, DRIFT, FEEDBACK, PREDICTION, REQUESTS, Event
from pipeline.store.corrections import ERASED
from pipeline.store.decision_log import DECIDED
from pipeline.store.tables import (
    corrections,
    drift_log,
    feedback,
    predictions,
    request_errors,
    request_ids,
    retrainings,
)

ROWS = 500  # of each kind at a time
CORRECTED = (
    "correction"  # its key in `Progress.last`, for feedback and corrections are numbered apart
)
OVERLAP_SECONDS = 3_600  # a decision may become visible after one that ended later
SETTLE_SECONDS = 2.0  # how long a writer may take from numbering a prediction to the commit
MINUTE, COUNTED_SECONDS = 60, 120  # workers add to the count of a minute after its end
ANSWER = [
    feedback.c[name]
    for name in (
        *("seq", "id", "prediction_id", "at", "predicted_at", "version", "prediction", "target"),
    )
]


@dataclass
class Progress:
    """The last number of each kind that was written, and which decisions were."""

    last: dict[str, int] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)
    decided_at: float = 0.0
    newest_prediction: str = ""  # its id, which tells old from new if numbers start again

    def note(self, event: Event) -> None:
        kind, number = event["event.dataset"], int(event["event.sequence"])
        if kind == DECISION:
            self.decided.add(number)
            self.decided_at = max(self.decided_at, _unix(event["@timestamp"]))
            return
        if kind == FEEDBACK and event["event.action"] == "corrected":
            kind = CORRECTED
        self.last[kind] = number if kind == PREDICTION else max(self.last.get(kind, 0), number)
        if kind == PREDICTION:
            self.newest_prediction = max(self.newest_prediction, event["event.id"])


@dataclass(frozen=True)
class VersionNames:
    """The labels in the order of probabilities, and the features in the order of observations."""

    labels: Sequence[str] = ()
    features: Sequence[str] = ()


class EventReader:
    """`names_of` returns the names of a version; with `features`, events have observations."""

    def __init__(
        self,
        progress: Progress,
        names_of: Callable[[str], VersionNames],
        features: bool,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self.progress = progress
        self._names_of = names_of
        self._features = features
        self._settle_seconds = settle_seconds
        self._seen: deque[tuple[float, int]] = deque([(-inf, 0)])  # (time, newest prediction)

    def read(self, connection: Connection) -> list[Event]:
        """What is new, as events.

        Predictions are read a while after they appear: with several writers, a row may become
        visible after one with a higher number.
        """
        return [
            *self._read_predictions(connection),
            *self._read_feedback(connection),
            *self._read_corrections(connection),
            *self._read_decisions(connection),
            *self._read_drift(connection),
            *self._read_requests(connection),
        ]

    def _read_predictions(self, connection: Connection) -> Iterator[Event]:
        newest = connection.scalar(select(func.max(predictions.c.seq))) or 0
        end = min(self._settled(newest), newest)
        begin = self.progress.last.get(PREDICTION, 0)
        table = predictions.c
        told = [table.seq, table.id, table.at, table.version, table.prediction]
        told += [table.probabilities, table.pca_residual, request_ids.c.request_id]
        told += [table.observation] if self._features else []
        query = select(*told).outerjoin(request_ids, request_ids.c.prediction_id == table.id)
        if newest < begin:  # SQLite reuses numbers when all rows were pruned
            begin = 0
        query = query.where(table.seq > begin, table.seq <= end)
        if begin == 0:
            query = query.where(table.id > self.progress.newest_prediction)
        for row in connection.execute(query.order_by(table.seq).limit(ROWS)):
            names = self._names_of(row.version)
            yield describe_prediction(row, names.labels, names.features if self._features else ())

    def _settled(self, newest: int) -> int:
        """The newest prediction of `settle_seconds` ago."""
        now = time.monotonic()
        while len(self._seen) > 1 and self._seen[1][0] <= now - self._settle_seconds:
            self._seen.popleft()
        end = self._seen[0][1]
        self._seen.append((now, newest))
        return end

    def _read_feedback(self, connection: Connection) -> Iterator[Event]:
        """Feedback as it was first given; corrections are events of their own."""
        table = feedback.c
        query = select(*ANSWER, predictions.c.probabilities).outerjoin(
            predictions, predictions.c.id == table.prediction_id
        )
        query = query.where(table.seq > self.progress.last.get(FEEDBACK, 0))
        query = query.where(table.target != ERASED)
        found = connection.execute(query.order_by(table.seq).limit(ROWS)).all()
        first = _first_targets(connection, [row.seq for row in found])
        for row in found:
            yield describe_feedback(row, first.get(row.seq, row.target))

    def _read_corrections(self, connection: Connection) -> Iterator[Event]:
        own = corrections.c
        told = (own.id.label("number"), own.at.label("corrected_at"), own.before, own.after)
        query = (
            select(*told, own.actor, *ANSWER, predictions.c.probabilities)
            .join(feedback, feedback.c.seq == own.feedback_seq)
            .outerjoin(predictions, predictions.c.id == feedback.c.prediction_id)
        )
        query = query.where(own.id > self.progress.last.get(CORRECTED, 0), own.after != ERASED)
        yield from map(describe_correction, connection.execute(query.order_by(own.id).limit(ROWS)))

    def _read_decisions(self, connection: Connection) -> Iterator[Event]:
        table = retrainings.c
        since = self.progress.decided_at - OVERLAP_SECONDS
        query = select(retrainings).where(table.state.in_(DECIDED), table.finished_at > since)
        for row in connection.execute(query.order_by(table.finished_at, table.id)):
            if row.id not in self.progress.decided:
                yield describe_decision(row)

    def _read_drift(self, connection: Connection) -> Iterator[Event]:
        last = self.progress.last.get(DRIFT, 0)
        query = select(drift_log).where(drift_log.c.at > last / 1e6 - 1)
        for row in connection.execute(query.order_by(drift_log.c.at)):
            number = round(row.at * 1e6)
            if number > last:
                yield describe_drift(row, number)

    def _read_requests(self, connection: Connection) -> Iterator[Event]:
        """Each minute, once no worker adds to it any more."""
        table, settled = request_errors.c, time.time() - MINUTE - COUNTED_SECONDS
        query = select(request_errors).where(
            table.step == MINUTE,
            table.start > self.progress.last.get(REQUESTS, 0),
            table.start < settled,
        )
        yield from map(describe_requests, connection.execute(query.order_by(table.start)))


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _first_targets(connection: Connection, seqs: Sequence[int]) -> dict[int, str]:
    """The target that the first correction of each row replaced."""
    query = select(corrections.c.feedback_seq, corrections.c.before)
    query = query.where(corrections.c.feedback_seq.in_(seqs)).order_by(corrections.c.id.desc())
    return {row.feedback_seq: row.before for row in connection.execute(query)}
