"""How predictions and answers went over time: read from the sums, never from the rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.history.sums import STEPS, SUMS
from pipeline.store.decision_log import DECIDED, SUPERSEDED
from pipeline.store.tables import history, retrainings

MOST_POINTS = 750
MOST_MARKS = 200


@dataclass(frozen=True)
class Quality:
    """What predictions should be worth, and what their labels say. None: it is not known."""

    predictions: int
    confidence: float | None
    expected_accuracy: float | None  # by their confidence, as the version was calibrated
    labelled: int
    to_come: float | None  # the share of predictions whose label has not come
    accuracy: float | None
    balanced_accuracy: float | None


@dataclass(frozen=True)
class Point:
    at: int
    quality: Quality


@dataclass(frozen=True)
class LabelQuality:
    """Of the predictions of a label: precision; of the rows that truly are that label: recall."""

    predicted: int
    labelled: int
    expected_precision: float | None
    precision: float | None
    recall: float | None
    actual: int


@dataclass(frozen=True)
class Mark:
    """A decision about the model."""

    at: float
    state: str
    version: str | None
    reason: str


@dataclass(frozen=True)
class History:
    begin: int
    end: int
    step: str
    points: list[Point]
    total: Quality
    labels: dict[str, LabelQuality]
    marks: list[Mark]


def choose_step(begin: float, end: float) -> str:
    """The finest one of which there are not too many."""
    for name, seconds in STEPS.items():
        if (end - begin) / seconds <= MOST_POINTS:
            return name
    return "day"


def read_history(
    connection: Connection, begin: float, end: float, step: str, label: str | None = None
) -> History:
    """The points that have rows, the oldest first; a point begins at a multiple of the step.

    Of one label: the predictions of it, and how many of them were right.
    """
    seconds = STEPS[step]
    first = int(begin // seconds) * seconds
    named = [func.sum(history.c[name]).label(name) for name in SUMS]
    query = select(history.c.start, history.c.label, *named)
    query = query.where(history.c.step == seconds, history.c.start >= first, history.c.start < end)
    if label is not None:
        query = query.where(history.c.label == label)
    query = query.group_by(history.c.start, history.c.label).order_by(history.c.start)
    points = defaultdict[int, list[Any]](list)
    labels = defaultdict[str, list[Any]](list)
    for row in connection.execute(query):
        points[row.start].append(row)
        labels[row.label].append(row)
    everything = [row for rows in points.values() for row in rows]
    return History(
        first,
        int(end),
        step,
        [Point(at, _measure(rows)) for at, rows in points.items()],
        _measure(everything),
        {label: _measure_label(rows) for label, rows in sorted(labels.items())},
        _read_marks(connection, first, end),
    )


def _sum(rows: Iterable[Any]) -> Mapping[str, float]:
    return {name: sum(getattr(row, name) for row in rows) for name in SUMS}


def _measure(rows: Iterable[Any]) -> Quality:
    kept = list(rows)
    total = _sum(kept)
    by_label = defaultdict[str, list[Any]](list)
    for row in kept:
        by_label[row.label].append(row)
    recalls = [
        recall for own in by_label.values() if (recall := _measure_label(own).recall) is not None
    ]
    come = _share(total["answered"], total["predicted"])
    return Quality(
        int(total["predicted"]),
        _share(total["confidence"], total["predicted"]),
        _share(total["expected"], total["calibrated"]),
        int(total["answered"]),
        None if come is None else max(0.0, 1.0 - come),
        _share(total["right"], total["answered"]),
        sum(recalls) / len(recalls) if recalls else None,
    )


def _measure_label(rows: Iterable[Any]) -> LabelQuality:
    total = _sum(list(rows))
    return LabelQuality(
        int(total["predicted"]),
        int(total["answered"]),
        _share(total["expected"], total["calibrated"]),
        _share(total["right"], total["answered"]),
        _share(total["right"], total["actual"]),
        int(total["actual"]),
    )


def _share(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole > 0 else None


def _read_marks(connection: Connection, begin: float, end: float) -> list[Mark]:
    """The latest decisions of that time, the oldest first."""
    names = ("finished_at", "state", "version", "reason")
    query = select(*(retrainings.c[name] for name in names))
    told = [state for state in DECIDED if state != SUPERSEDED]
    query = query.where(
        retrainings.c.finished_at.between(begin, end), retrainings.c.state.in_(told)
    )
    query = query.order_by(retrainings.c.finished_at.desc()).limit(MOST_MARKS)
    found = [
        Mark(row.finished_at, row.state, row.version, row.reason or "")
        for row in connection.execute(query)
    ]
    return found[::-1]
