"""Which features were drifted when: written by reporting, read by whoever draws it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import drift_log

KEPT_SECONDS = 100 * 86_400
MOST_NAMES, MOST_POINTS = 100, 1_000


@dataclass(frozen=True)
class Move:
    """How far a feature had moved when its alarm began to hold; None where nobody could say."""

    amount: float | None = None
    words: str = "moved"  # "is 0.31 sd higher"


@dataclass(frozen=True)
class DriftPoint:
    """From then on: the features whose alarm holds."""

    at: float
    features: list[str]


def note_drift(connection: Connection, at: float, moves: Mapping[str, Move]) -> bool:
    """Write down what holds, where other features do than before; returns whether it was so."""
    kept = sorted(moves)[:MOST_NAMES]
    last = select(drift_log.c.features).order_by(drift_log.c.at.desc()).limit(1)
    before = connection.scalar(last)
    if before is not None and list(read_moves(before)) == kept:
        return False
    told = json.dumps({name: [moves[name].amount, moves[name].words] for name in kept})
    connection.execute(delete(drift_log).where(drift_log.c.at < at - KEPT_SECONDS))
    connection.execute(insert(drift_log).values(at=at, features=told))
    return True


def read_moves(text: str) -> dict[str, Move]:
    """What a row holds; those of an older release are names alone."""
    told = json.loads(text)
    if isinstance(told, list):
        return {name: Move() for name in told}
    return {name: Move(*move) for name, move in told.items()}


def read_drift(connection: Connection, begin: float, end: float) -> list[DriftPoint]:
    """The changes of that time, and what held when it began."""
    query = select(drift_log).order_by(drift_log.c.at.desc())
    before = connection.execute(query.where(drift_log.c.at < begin).limit(1)).all()
    within = drift_log.c.at.between(begin, end)
    found = connection.execute(query.where(within).limit(MOST_POINTS)).all()
    rows = [*before, *found[::-1]]
    return [DriftPoint(max(row.at, begin), list(read_moves(row.features))) for row in rows]
