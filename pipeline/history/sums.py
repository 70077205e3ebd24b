"""Keeps sums of predictions and feedback by minute, hour and day, so that a curve costs no scan.

One process at a time updates them, beside the requests. Each row is taken once: `state` holds how
far the rows are taken, and is written in the transaction that adds them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.arrays import Numbers
from pipeline.store.corrections import ERASED
from pipeline.store.state import SUMMED, follow_predictions, move_state, read_state
from pipeline.store.tables import corrections, feedback, history, predictions

STEPS = {"minute": 60, "hour": 3_600, "day": 86_400}
KEPT_SECONDS = {60: 3 * 86_400, 3_600: 100 * 86_400}  # days are kept for good
ROWS = 2_000  # taken in one transaction: writers wait meanwhile
SUMS = ("predicted", "confidence", "calibrated", "expected", "answered", "right", "actual")
PREDICTIONS, FEEDBACK, CORRECTIONS = SUMMED, "history_feedback", "history_corrections"
Curve = Sequence[float] | None  # how often predictions are right, by confidence from 0 to 1


class Sums:
    """What is to be added, by step, start, version and label."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int, str, str], dict[str, float]] = defaultdict(
            lambda: dict.fromkeys(SUMS, 0)
        )

    def add(self, at: float, version: str | None, label: str, **amounts: float) -> None:
        for step in STEPS.values():
            row = self._rows[step, int(at // step) * step, version or "", label]
            for name, amount in amounts.items():
                row[name] += amount

    def write(self, connection: Connection) -> None:
        if not self._rows:
            return
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(history)
        grown = {name: history.c[name] + statement.excluded[name] for name in SUMS}
        keys = ("step", "start", "version", "label")
        rows = [{**dict(zip(keys, key, strict=True)), **row} for key, row in self._rows.items()]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=grown), rows)


@dataclass
class Taken:
    """How far each kind of row was taken, from where to where."""

    marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: int = 0

    def note(self, name: str, begin: int, end: int, rows: int) -> None:
        if end > begin:
            self.marks[name] = (begin, end)
            self.rows += rows


class HistoryKeeper:
    """Takes what came since the last time. `curve_of` tells a version's calibration."""

    def __init__(self, engine: Engine, curve_of: Callable[[str], Curve]) -> None:
        self._engine = engine
        self._curve_of = curve_of
        self._seen = 0  # the last prediction that there was at the last update

    def update(self) -> int:
        """Returns how many rows were taken.

        Predictions are taken one update after they were seen first: where several processes write,
        a row may become visible after one with a higher seq. Rows are read before the store is
        locked for writing; what another process took meanwhile is left to it.
        """
        sums, taken = Sums(), Taken()
        with self._engine.execution_options(readonly=True).connect() as connection:
            newest = connection.scalar(select(func.max(predictions.c.seq))) or 0
            self._take_predictions(connection, sums, taken, min(self._seen, newest))
            _take_feedback(connection, sums, taken)
        self._seen = newest
        if not taken.marks:
            return 0
        with self._engine.connect() as connection, connection.begin() as transaction:
            moved = [move_state(connection, name, *ends) for name, ends in taken.marks.items()]
            if not all(moved):
                transaction.rollback()
                return 0
            sums.write(connection)
        return taken.rows

    def _take_predictions(self, connection: Connection, sums: Sums, taken: Taken, end: int) -> None:
        begin = read_state(connection, PREDICTIONS)
        if end <= begin:
            return
        names = ("seq", "at", "version", "prediction", "probabilities")
        query = select(*(predictions.c[name] for name in names))
        query = query.where(predictions.c.seq > begin, predictions.c.seq <= end)
        found = connection.execute(query.order_by(predictions.c.seq).limit(ROWS)).all()
        parts: dict[tuple[int, str, str], list[bytes]] = defaultdict(list)
        for _, at, version, label, probabilities in found:
            parts[int(at // 60) * 60, version, label].append(probabilities)
        for (start, version, label), packed in parts.items():
            sums.add(start, version, label, **_describe(packed, self._curve_of(version)))
        taken.note(PREDICTIONS, begin, found[-1].seq if found else end, len(found))


def _describe(packed: Sequence[bytes], curve: Curve) -> Mapping[str, float]:
    """The sums of some predictions of one version."""
    shares: Numbers = np.frombuffer(b"".join(packed), dtype="<f8").reshape(len(packed), -1)
    sure = shares.max(axis=1)
    told = {"predicted": len(packed), "confidence": float(sure.sum())}
    if curve is None:
        return told
    right = np.interp(sure, np.linspace(0.0, 1.0, len(curve)), curve)
    return {**told, "calibrated": len(packed), "expected": float(right.sum())}


def _take_feedback(connection: Connection, sums: Sums, taken: Taken) -> None:
    """Feedback is counted as it was given first, so that its corrections can be counted after.

    It waits for its prediction: there are never more answers than predictions.
    """
    _, predicted = taken.marks.get(PREDICTIONS, (0, read_state(connection, PREDICTIONS)))
    begin, corrected = read_state(connection, FEEDBACK), read_state(connection, CORRECTIONS)
    columns = [feedback.c[name] for name in ("seq", "at", "predicted_at", "version", "prediction")]
    query = select(*columns, feedback.c.target, predictions.c.seq.label("prediction_seq"))
    query = query.outerjoin(predictions, predictions.c.id == feedback.c.prediction_id)
    query = query.where(feedback.c.seq > begin).order_by(feedback.c.seq).limit(ROWS)
    rows = connection.execute(query).all()
    found = list(takewhile(lambda row: (row.prediction_seq or 0) <= predicted, rows))
    end = found[-1].seq if found else begin
    moved = select(corrections.c.id, corrections.c.before, corrections.c.after, *columns)
    moved = moved.join(feedback, feedback.c.seq == corrections.c.feedback_seq)
    moved = moved.where(corrections.c.id > corrected).order_by(corrections.c.id).limit(ROWS)
    changes = list(_until(connection.execute(moved).all(), end))
    first = _first_targets(connection, corrected, begin, end)
    for row in found:
        if row.target != ERASED:
            _add_answer(sums, row, first.get(row.seq, row.target))
    for change in changes:
        if change.after == ERASED:
            continue  # what was summed stays: it tells nothing of anybody
        _add_target(sums, change, change.before, -1)
        _add_target(sums, change, change.after, +1)
    taken.note(FEEDBACK, begin, end, len(found))
    taken.note(CORRECTIONS, corrected, changes[-1].id if changes else corrected, len(changes))


def _first_targets(connection: Connection, corrected: int, begin: int, end: int) -> dict[int, str]:
    """What feedback was before the corrections that are not taken yet."""
    query = select(corrections.c.feedback_seq, corrections.c.before)
    query = query.where(corrections.c.id > corrected, corrections.c.feedback_seq > begin)
    query = query.where(corrections.c.feedback_seq <= end).order_by(corrections.c.id.desc())
    return {row.feedback_seq: row.before for row in connection.execute(query)}


def _until(changes: Sequence[Any], end: int) -> Iterator[Any]:
    """The corrections before the first one of feedback that is not taken yet."""
    for change in changes:
        if change.seq > end:
            return
        yield change


def _add_answer(sums: Sums, row: Any, target: str) -> None:
    sums.add(_moment(row), row.version, row.prediction, answered=1)
    _add_target(sums, row, target, 1)


def _add_target(sums: Sums, row: Any, target: str, times: int) -> None:
    sums.add(_moment(row), row.version, target, actual=times)
    if target == row.prediction:
        sums.add(_moment(row), row.version, target, right=times)


def _moment(row: Any) -> float:
    """Feedback belongs to the time of its prediction."""
    return float(row.at if row.predicted_at is None else row.predicted_at)


def prune_history(connection: Connection, now: float) -> None:
    """Forget the fine sums of long ago, and follow a table of predictions that was pruned."""
    for step, seconds in KEPT_SECONDS.items():
        old = (history.c.step == step) & (history.c.start < now - seconds)
        connection.execute(delete(history).where(old))
    follow_predictions(connection)
