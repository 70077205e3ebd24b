"""Lets one process at a time change the history. The lock ends with the process that holds it."""

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine, func, select

KEY = 0x626F75636C65  # of PostgreSQL's advisory locks
WAIT_SECONDS, LOOK_SECONDS = 60.0, 0.01
Taking = Callable[[], bool]


class HistoryBusy(Exception):
    """Another process moves or erases rows."""


@contextlib.contextmanager
def history_lock(engine: Engine, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock, or raise HistoryBusy after so many seconds."""
    with _sqlite_lock(engine) if engine.dialect.name == "sqlite" else _server_lock(engine) as take:
        end = time.monotonic() + patience
        while not take():
            if time.monotonic() >= end:
                raise HistoryBusy("Another process moves or erases old rows now; try again later.")
            time.sleep(LOOK_SECONDS)
        yield


@contextlib.contextmanager
def _sqlite_lock(engine: Engine) -> Iterator[Taking]:
    database = Path(str(engine.url.database))
    with database.with_name(f".{database.name}.history-lock").open("w") as file:

        def take() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield take


@contextlib.contextmanager
def _server_lock(engine: Engine) -> Iterator[Taking]:
    """On a connection of its own, outside of any transaction; it goes with the connection."""
    own = engine.execution_options(isolation_level="AUTOCOMMIT")
    with own.connect() as connection:
        try:
            yield lambda: bool(connection.scalar(select(func.pg_try_advisory_lock(KEY))))
        finally:
            with contextlib.suppress(Exception):  # the connection may be gone, and the lock with it
                connection.scalar(select(func.pg_advisory_unlock_all()))
