"""The next rows that are to leave the store: of one kind and one day, at most so many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.parquet_files.file_records import FEEDBACK, PREDICTIONS, last_key, seq_key
from pipeline.parquet_files.parquet_rows import COLUMNS
from pipeline.parquet_history.store_rows import select_answered, select_unanswered
from pipeline.store.feedback_log import count_feedback
from pipeline.store.records import first_id
from pipeline.store.tables import feedback, predictions

DAY = 86_400


@dataclass(frozen=True)
class OldRows:
    """Columns as the store keeps them, by their names in the file."""

    kind: str
    day: str
    keys: list[str]
    columns: Mapping[str, Sequence[Any]]

    @property
    def ends(self) -> tuple[str, str]:
        return self.keys[0], self.keys[-1]


def next_predictions(connection: Connection, before: float, most: int) -> OldRows | None:
    """Old predictions that nobody gave feedback on; those with feedback go together with it."""
    query = select_unanswered().where(predictions.c.id < first_id(before))
    rows = connection.execute(query.order_by(predictions.c.id).limit(most)).all()
    return _of_one_day(PREDICTIONS, rows, "at", [row.prediction_id for row in rows])


def next_feedback(connection: Connection, before: float, most: int, kept: int) -> OldRows | None:
    """Old feedback in the order of its seq, but for the latest rows, each with its prediction."""
    begun = int(last_key(connection, FEEDBACK) or 0)
    within = feedback.c.seq.between(begun + 1, count_feedback(connection) - kept)
    query = select_answered().where(within).order_by(feedback.c.seq).limit(most)
    rows = connection.execute(query).all()
    old = next((n for n, row in enumerate(rows) if row.answered_at >= before), len(rows))
    return _of_one_day(
        FEEDBACK, rows[:old], "answered_at", [seq_key(row.seq) for row in rows[:old]]
    )


def _of_one_day(kind: str, rows: Sequence[Any], moment: str, keys: list[str]) -> OldRows | None:
    """The rows up to the end of the first one's day."""
    if not rows:
        return None
    told = dict(zip(rows[0]._fields, zip(*rows, strict=True), strict=True))
    days = [at // DAY for at in told[moment]]
    count = next((n for n, day in enumerate(days) if day != days[0]), len(days))
    columns = {name: told[name][:count] for name in COLUMNS[kind]}
    return OldRows(kind, day_of(told[moment][0]), keys[:count], columns)


def day_of(moment: float) -> str:
    """In UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
