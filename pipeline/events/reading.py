"""Makes events of what is new in the store; what was read before is told by its numbers."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.events.schema import (
    DECISION,
    DRIFT,
    FEEDBACK,
    PREDICTION,
    Event,
    begin_event,
)
from pipeline.history.drift_log import read_moves
from pipeline.store.corrections import ERASED
from pipeline.store.decision_log import DECIDED
from pipeline.store.encoding import unpack
from pipeline.store.tables import (
    corrections,
    drift_log,
    feedback,
    predictions,
    request_ids,
    retrainings,
)

ROWS = 2_000  # of each kind at a time
CORRECTED = "correction"  # its number in `Progress.last`: those of feedback are others
OVERLAP_SECONDS = 3_600  # a decision may become visible after one that ended later


@dataclass
class Progress:
    """The last number of each kind that was written, and the decisions that were."""

    last: dict[str, int] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)
    decided_at: float = 0.0
    newest_prediction: str = ""  # its id: where the numbers begin anew it tells old from new

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
    """The labels in the order of the probabilities, and the features in that of an observation."""

    labels: Sequence[str] = ()
    features: Sequence[str] = ()


class EventReader:
    """`names_of` tells the names of a version; with `features` observations are told too."""

    def __init__(
        self, progress: Progress, names_of: Callable[[str], VersionNames], features: bool
    ) -> None:
        self.progress = progress
        self._names_of = names_of
        self._features = features
        self._seen = 0  # the last prediction that there was at the last look

    def read(self, connection: Connection) -> list[Event]:
        """What is new. Predictions come one look after they were seen first: of several writers
        one may become visible after one with a higher number."""
        return [
            *self._read_predictions(connection),
            *self._read_feedback(connection),
            *self._read_corrections(connection),
            *self._read_decisions(connection),
            *self._read_drift(connection),
        ]

    def _read_predictions(self, connection: Connection) -> Iterator[Event]:
        newest = connection.scalar(select(func.max(predictions.c.seq))) or 0
        end, self._seen = min(self._seen, newest), newest
        begin = self.progress.last.get(PREDICTION, 0)
        table = predictions.c
        query = select(predictions, request_ids.c.request_id).outerjoin(
            request_ids, request_ids.c.prediction_id == table.id
        )
        if newest < begin:  # SQLite gives the numbers out again when all rows were pruned
            begin = 0
        query = query.where(table.seq > begin, table.seq <= end)
        if begin == 0:
            query = query.where(table.id > self.progress.newest_prediction)
        for row in connection.execute(query.order_by(table.seq).limit(ROWS)):
            yield self._describe_prediction(row)

    def _describe_prediction(self, row: Any) -> Event:
        shares = unpack(row.probabilities).tolist()
        told = {
            **_begin(row.at, PREDICTION, "predicted", row.id, row.seq),
            "service.version": row.version,
            "trace.id": row.request_id or row.id,
            "boucle.prediction.id": row.id,
            "boucle.prediction.label": row.prediction,
            "boucle.prediction.confidence": max(shares),
            "boucle.prediction.residual": row.pca_residual,
        }
        names = self._names_of(row.version)
        if names.labels:
            told["boucle.prediction.probabilities"] = dict(zip(names.labels, shares, strict=True))
        if self._features and names.features:
            values = json.loads(row.observation)
            told["boucle.features"] = dict(zip(names.features, values, strict=True))
        return told

    def _read_feedback(self, connection: Connection) -> Iterator[Event]:
        """As it was given first; its corrections are events of their own."""
        table = feedback.c
        query = select(feedback).where(table.seq > self.progress.last.get(FEEDBACK, 0))
        query = query.where(table.target != ERASED)
        found = connection.execute(query.order_by(table.seq).limit(ROWS)).all()
        first = _first_targets(connection, [row.seq for row in found])
        for row in found:
            target = first.get(row.seq, row.target)
            yield {
                **_begin(row.at, FEEDBACK, "answered", f"feedback-{row.id}", row.seq),
                **_describe_answer(row, target),
            }

    def _read_corrections(self, connection: Connection) -> Iterator[Event]:
        own = corrections.c
        told = (own.id.label("number"), own.at.label("corrected_at"), own.before, own.after)
        query = select(*told, own.actor, feedback).join(
            feedback, feedback.c.seq == own.feedback_seq
        )
        query = query.where(own.id > self.progress.last.get(CORRECTED, 0), own.after != ERASED)
        for row in connection.execute(query.order_by(own.id).limit(ROWS)):
            number = f"correction-{row.number}"
            yield {
                **_begin(row.corrected_at, FEEDBACK, "corrected", number, row.number),
                **_describe_answer(row, row.after),
                "boucle.feedback.before": row.before,
                **({"boucle.actor": row.actor} if row.actor else {}),
            }

    def _read_decisions(self, connection: Connection) -> Iterator[Event]:
        table = retrainings.c
        since = self.progress.decided_at - OVERLAP_SECONDS
        query = select(retrainings).where(table.state.in_(DECIDED), table.finished_at > since)
        for row in connection.execute(query.order_by(table.finished_at, table.id)):
            if row.id not in self.progress.decided:
                yield _describe_decision(row)

    def _read_drift(self, connection: Connection) -> Iterator[Event]:
        last = self.progress.last.get(DRIFT, 0)
        query = select(drift_log).where(drift_log.c.at > last / 1e6 - 1)
        for row in connection.execute(query.order_by(drift_log.c.at)):
            number, moves = round(row.at * 1e6), read_moves(row.features)
            if number <= last:
                continue
            said = "; ".join(f"`{name}` {move.words}" for name, move in moves.items())
            amounts = {name: move.amount for name, move in moves.items() if move.amount is not None}
            yield {
                **_begin(row.at, DRIFT, "drifted", f"drift-{number}", number),
                "message": said or "No alarm holds",
                "boucle.drift.features": list(moves),
                "boucle.drift.amounts": amounts,
                "boucle.drift.count": len(moves),
            }


def _begin(at: float, dataset: str, action: str, number: str, sequence: int) -> Event:
    told = begin_event(datetime.fromtimestamp(at, UTC), dataset, action, number)
    return {**told, "event.sequence": sequence}


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _describe_answer(row: Any, target: str) -> Event:
    told: Event = {
        "boucle.feedback.id": row.id,
        "boucle.prediction.label": row.prediction,
        "boucle.feedback.target": target,
        "boucle.feedback.correct": target == row.prediction,
    }
    if row.version is not None:
        told["service.version"] = row.version
    if row.prediction_id is not None:
        told["boucle.prediction.id"] = row.prediction_id
    if row.predicted_at is not None:
        told["boucle.feedback.delay_seconds"] = max(0.0, row.at - row.predicted_at)
    return told


def _first_targets(connection: Connection, seqs: Sequence[int]) -> dict[int, str]:
    """What the first correction of each replaced."""
    query = select(corrections.c.feedback_seq, corrections.c.before)
    query = query.where(corrections.c.feedback_seq.in_(seqs)).order_by(corrections.c.id.desc())
    return {row.feedback_seq: row.before for row in connection.execute(query)}


def _describe_decision(row: Any) -> Event:
    told: Event = {
        **_begin(row.finished_at, DECISION, "decided", f"decision-{row.id}", row.id),
        "boucle.decision.state": row.state,
        "boucle.decision.trigger": row.trigger,
        "message": row.reason or "",
    }
    optional = {
        "service.version": row.version,
        "boucle.decision.parent": row.parent,
        "boucle.actor": row.actor or None,
        "boucle.decision.numbers": json.loads(row.numbers) if row.numbers else None,
        "boucle.decision.seconds": row.finished_at - row.started_at if row.started_at else None,
    }
    return {**told, **{name: value for name, value in optional.items() if value is not None}}
