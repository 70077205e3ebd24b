"""Finds predictions on record. A search looks at a bounded number of rows, then hands a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sqlalchemy import Connection, Select, func, select

from pipeline.history.subjects import ids_of
from pipeline.store.corrections import has_vector
from pipeline.store.encoding import unpack
from pipeline.store.records import first_id
from pipeline.store.tables import corrections, feedback, predictions, request_ids, subjects

MOST_LOOKED_AT = 10_000
NEIGHBOUR_ROWS = 2_000  # the latest feedback, among which the nearest rows are looked for
Answered = Literal["any", "without", "with", "right", "wrong"]


@dataclass(frozen=True)
class Wanted:
    """What to look for; `before` is the cursor of an earlier search."""

    begin: float | None = None
    end: float | None = None
    label: str | None = None
    version: str | None = None
    least_confidence: float = 0.0
    most_confidence: float = 1.0
    answered: Answered = "any"
    before: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class FoundPrediction:
    id: str
    at: float
    version: str
    prediction: str
    confidence: float
    target: str | None
    corrected: bool


@dataclass(frozen=True)
class Page:
    """The newest first. `next` is where to go on, None at the end."""

    predictions: list[FoundPrediction]
    next: str | None


@dataclass(frozen=True)
class Neighbour:
    prediction_id: str | None
    prediction: str
    target: str
    distance: float


def search_predictions(connection: Connection, wanted: Wanted, limit: int) -> Page:
    """Ids sort by time, so that a cursor and a time are ranges of their index."""
    window = _window(wanted).subquery()
    last = connection.execute(select(func.count(), func.min(window.c.id)).select_from(window)).one()
    corrected = select(corrections.c.id).where(corrections.c.feedback_id == feedback.c.id)
    query = select(window, feedback.c.target, corrected.limit(1).scalar_subquery().label("moved"))
    query = query.outerjoin(feedback, feedback.c.prediction_id == window.c.id)
    query = query.where(*_conditions(wanted, window)).order_by(window.c.id.desc())
    bounded = wanted.least_confidence > 0 or wanted.most_confidence < 1
    rows = connection.execute(query if bounded else query.limit(limit + 1))
    found = []
    for row in rows:
        confidence = float(unpack(row.probabilities).max())
        if wanted.least_confidence <= confidence <= wanted.most_confidence:
            found.append(_describe(row, confidence))
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1].id)
    looked_at, oldest = last
    return Page(found, oldest if looked_at == MOST_LOOKED_AT else None)


def _window(wanted: Wanted) -> Select[Any]:
    """The next rows to look at, whatever they hold."""
    names = ("id", "at", "version", "prediction", "probabilities")
    query = select(*(predictions.c[name] for name in names))
    if wanted.begin is not None:
        query = query.where(predictions.c.id >= first_id(wanted.begin))
    if wanted.end is not None:
        query = query.where(predictions.c.id < first_id(wanted.end))
    if wanted.before is not None:
        query = query.where(predictions.c.id < wanted.before)
    if wanted.subject is not None:
        query = query.where(predictions.c.id.in_(ids_of(wanted.subject)))
    return query.order_by(predictions.c.id.desc()).limit(MOST_LOOKED_AT)


def _conditions(wanted: Wanted, window: Any) -> list[Any]:
    found = []
    if wanted.label is not None:
        found.append(window.c.prediction == wanted.label)
    if wanted.version is not None:
        found.append(window.c.version == wanted.version)
    known = feedback.c.target.is_not(None)
    found += {
        "any": [],
        "without": [feedback.c.target.is_(None)],
        "with": [known],
        "right": [known, feedback.c.target == window.c.prediction],
        "wrong": [known, feedback.c.target != window.c.prediction],
    }[wanted.answered]
    return found


def _describe(row: Any, confidence: float) -> FoundPrediction:
    corrected = row.moved is not None
    return FoundPrediction(
        row.id, row.at, row.version, row.prediction, confidence, row.target, corrected
    )


def find_prediction(connection: Connection, prediction_id: str) -> Any:
    """A prediction on record with its feedback, or None."""
    told = (feedback.c.id.label("feedback_id"), feedback.c.target, feedback.c.at.label("told_at"))
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == predictions.c.id)
    joined = joined.outerjoin(subjects, subjects.c.prediction_id == predictions.c.id)
    joined = joined.outerjoin(request_ids, request_ids.c.prediction_id == predictions.c.id)
    named = (subjects.c.subject, request_ids.c.request_id)
    query = select(predictions, *told, *named).select_from(joined)
    return connection.execute(query.where(predictions.c.id == prediction_id)).first()


def find_neighbours(connection: Connection, prediction: Any, most: int) -> list[Neighbour]:
    """The rows of the latest feedback whose vectors are the nearest."""
    names = ("prediction_id", "prediction", "target", "vector")
    query = select(*(feedback.c[name] for name in names)).order_by(feedback.c.seq.desc())
    rows = connection.execute(query.where(has_vector()).limit(NEIGHBOUR_ROWS)).all()
    rows = _comparable(rows, prediction)
    if not rows:
        return []
    vectors = np.frombuffer(b"".join(row.vector for row in rows), dtype="<f8")
    away = vectors.reshape(len(rows), -1) - unpack(prediction.vector)
    distances = np.sqrt((away * away).sum(axis=1))
    return [
        Neighbour(rows[n].prediction_id, rows[n].prediction, rows[n].target, float(distances[n]))
        for n in np.argsort(distances, kind="stable")[:most].tolist()
    ]


def _comparable(rows: Sequence[Any], prediction: Any) -> list[Any]:
    same = len(prediction.vector)
    return [r for r in rows if len(r.vector) == same and r.prediction_id != prediction.id]
