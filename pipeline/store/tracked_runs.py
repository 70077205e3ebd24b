"""Where the runs of trainings and decisions can be looked at: written by the recorder."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import tracked_runs


@dataclass(frozen=True)
class TrackedRun:
    """The page of a training or decision; of one without a version none is shown."""

    key: str
    version: str
    at: float
    url: str


def write_runs(connection: Connection, runs: Iterable[TrackedRun]) -> None:
    """Those that are not there yet, or were at another address."""
    known = {row.key: TrackedRun(*row) for row in connection.execute(select(tracked_runs))}
    new = [asdict(run) for run in runs if known.get(run.key) != run]
    if new:
        keys = [run["key"] for run in new]
        connection.execute(delete(tracked_runs).where(tracked_runs.c.key.in_(keys)))
        connection.execute(insert(tracked_runs), new)


def read_run_pages(connection: Connection) -> dict[str, str]:
    """The page of the run that made each version: the first that tells of it."""
    rows = connection.execute(select(tracked_runs).order_by(tracked_runs.c.at.desc()))
    return {row.version: row.url for row in rows if row.version}
