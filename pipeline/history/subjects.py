"""Whom or what a prediction is about, in the caller's words: to find it, and to forget it.

An erased prediction is gone. Its feedback keeps its number, for these have no gaps, and nothing
else: no observation, no vector, no labels. Whoever reads feedback leaves such rows out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from pipeline.store.corrections import ERASED, Correction, write_corrections
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


def erase_subject(connection: Connection, subject: str, actor: str) -> Erased:
    """Forget what is on record about it. The sums of curves keep their numbers."""
    lock_feedback_counter(connection)
    ids = list(connection.scalars(ids_of(subject)))
    answered = feedback.c.prediction_id.in_(ids)
    rows = connection.execute(select(feedback.c.seq, feedback.c.id).where(answered)).all()
    known = [row.id for row in rows]
    told = update(corrections).where(corrections.c.feedback_id.in_(known))
    connection.execute(told.values(before=ERASED, after=ERASED))
    empty = {"observation": None, "vector": b"", "prediction": ERASED, "prediction_id": None}
    connection.execute(update(feedback).where(answered).values(**empty, pca_residual=0.0))
    write_corrections(
        connection, [Correction(row.seq, row.id, ERASED, ERASED, actor) for row in rows]
    )
    for table, column in (
        (predictions, predictions.c.id),
        (reviews, reviews.c.prediction_id),
        (subjects, subjects.c.prediction_id),
        (request_ids, request_ids.c.prediction_id),
        (previews, previews.c.prediction_id),
    ):
        connection.execute(delete(table).where(column.in_(ids)))
    return Erased(len(ids), len(rows))
