"""Which features were drifted when: written by reporting, read by whoever draws it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import drift_log

KEPT_SECONDS = 100 * 86_400
MOST_NAMES, MOST_POINTS = 100, 1_000


@dataclass(frozen=True)
class DriftPoint:
    """From then on: the features whose alarm holds."""

    at: float
    features: list[str]


def note_drift(connection: Connection, at: float, features: Sequence[str]) -> bool:
    """Write down what holds, where it is other than before; returns whether it was."""
    named = json.dumps(sorted(features)[:MOST_NAMES])
    last = select(drift_log.c.features).order_by(drift_log.c.at.desc()).limit(1)
    if connection.scalar(last) == named:
        return False
    connection.execute(delete(drift_log).where(drift_log.c.at < at - KEPT_SECONDS))
    connection.execute(insert(drift_log).values(at=at, features=named))
    return True


def read_drift(connection: Connection, begin: float, end: float) -> list[DriftPoint]:
    """The changes of that time, and what held when it began."""
    query = select(drift_log).order_by(drift_log.c.at.desc())
    before = connection.execute(query.where(drift_log.c.at < begin).limit(1)).all()
    within = drift_log.c.at.between(begin, end)
    found = connection.execute(query.where(within).limit(MOST_POINTS)).all()
    rows = [*before, *found[::-1]]
    return [DriftPoint(max(row.at, begin), json.loads(row.features)) for row in rows]
