"""How many requests were refused or failed, by minute, hour and day; each worker adds its own."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.history.sums import KEPT_SECONDS, STEPS
from pipeline.store.records import Errors
from pipeline.store.tables import request_errors


@dataclass(frozen=True)
class ErrorPoint:
    at: int
    refused: int
    failed: int


def add_errors(connection: Connection, errors: Errors) -> None:
    rows: dict[tuple[int, int], list[int]] = {}
    for (minute, failed), times in errors.items():
        for step in STEPS.values():
            rows.setdefault((step, minute // step * step), [0, 0])[failed] += times
    if not rows:
        return
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(request_errors)
    table, given = request_errors.c, statement.excluded
    grown = {"refused": table.refused + given.refused, "failed": table.failed + given.failed}
    keys = ("step", "start")
    values = [
        {"step": step, "start": start, "refused": refused, "failed": failed}
        for (step, start), (refused, failed) in sorted(rows.items())  # one order: no deadlock
    ]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=grown), values)


def read_errors(connection: Connection, begin: float, end: float, step: str) -> list[ErrorPoint]:
    """The points at which there were some, the oldest first."""
    seconds, table = STEPS[step], request_errors.c
    first = int(begin // seconds) * seconds
    query = select(table.start, table.refused, table.failed).where(
        table.step == seconds, table.start >= first, table.start < end
    )
    return [ErrorPoint(*row) for row in connection.execute(query.order_by(table.start))]


def prune_errors(connection: Connection, now: float) -> None:
    for step, seconds in KEPT_SECONDS.items():
        table = request_errors.c
        old = (table.step == step) & (table.start < now - seconds)
        connection.execute(delete(request_errors).where(old))
