"""Whom or what a prediction is about, in the caller's words: to find it, and to forget it.

An erased prediction is gone. Its feedback keeps its number, for these have no gaps, and nothing
else: no observation, no vector, no labels. Whoever reads feedback leaves such rows out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from pipeline.store.corrections import ERASED, Correction, not_erased, write_corrections
from pipeline.store.feedback_log import lock_feedback_counter
from pipeline.store.tables import (
    corrections,
    feedback,
    predictions,
    previews,
    request_ids,
    reviews,
    subjects,
)

LONGEST = 200
PART = 500  # rows that a statement names
T = TypeVar("T")


@dataclass(frozen=True)
class Erased:
    predictions: int
    answers: int


def note_subjects(connection: Connection, subject_of: Mapping[str, str]) -> None:
    """What predictions are about, by their ids."""
    rows = [{"prediction_id": number, "subject": said} for number, said in subject_of.items()]
    connection.execute(insert(subjects), rows)


def ids_of(subject: str) -> Select[tuple[str]]:
    """The predictions that are about it."""
    return select(subjects.c.prediction_id).where(subjects.c.subject == subject)


def latest_of(connection: Connection, subject: str) -> str | None:
    """Its newest prediction: ids sort by time."""
    query = select(func.max(subjects.c.prediction_id)).where(subjects.c.subject == subject)
    found: str | None = connection.scalar(query)
    return found


def erase_rows(
    connection: Connection, ids: Collection[str], seqs: Collection[int], actor: str
) -> Erased:
    """Forget predictions with their feedback, and feedback by its numbers.

    The sums behind the curves keep their numbers.
    """
    lock_feedback_counter(connection)
    rows = 0
    for part in _parts(sorted(ids)):
        rows += _empty_feedback(connection, feedback.c.prediction_id.in_(part), actor)
        _forget_predictions(connection, part)
    for numbers in _parts(sorted(seqs)):
        rows += _empty_feedback(connection, feedback.c.seq.in_(numbers), actor)
    return Erased(len(ids), rows)


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + PART] for start in range(0, len(values), PART))


def _empty_feedback(connection: Connection, which: ColumnElement[bool], actor: str) -> int:
    query = select(feedback.c.seq, feedback.c.id).where(which, not_erased())
    rows = connection.execute(query).all()
    known = [row.id for row in rows]
    told = update(corrections).where(corrections.c.feedback_id.in_(known))
    connection.execute(told.values(before=ERASED, after=ERASED))
    write_corrections(
        connection, [Correction(row.seq, row.id, ERASED, ERASED, actor) for row in rows]
    )
    empty = {"observation": None, "vector": b"", "prediction": ERASED, "prediction_id": None}
    emptied = update(feedback).where(feedback.c.seq.in_([row.seq for row in rows]))
    connection.execute(emptied.values(**empty, observation_digest=None, pca_residual=0.0))
    return len(rows)


def _forget_predictions(connection: Connection, ids: Sequence[str]) -> None:
    for table, column in (
        (predictions, predictions.c.id),
        (reviews, reviews.c.prediction_id),
        (subjects, subjects.c.prediction_id),
        (request_ids, request_ids.c.prediction_id),
        (previews, previews.c.prediction_id),
    ):
        connection.execute(delete(table).where(column.in_(ids)))
