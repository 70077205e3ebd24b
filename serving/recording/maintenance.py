"""What keeps the store in order beside the requests: tables, WAL, mirror, old rows."""

import contextlib
import logging
import math
import threading
import time

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.registry.prepared import columns_in_use
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings
from pipeline.store.csv_mirror import FILE, CsvMirror, mirror_lock
from pipeline.store.feedback_log import lock_feedback_counter
from pipeline.store.prediction_log import prune_predictions
from pipeline.store.tables import BUSY_MILLISECONDS, StoreUnavailable, create_schema

log = logging.getLogger(__name__)
EVERY_SECONDS, PRUNE_SECONDS = 0.3, 3600.0
PRUNE_ROWS, PRUNE_PAUSE_SECONDS = 500, 0.02
WAL_PAGES = 1_000  # of 4 kB; after so many the content of the WAL moves into the database
LONG_WAL_PAGES = 4_000  # after so many writers wait a moment, so that it begins anew
RESTART_MILLISECONDS = 20  # so long they may wait for those who read it


class StoreMaintenance:
    """A thread of one worker. Of several workers one holds the lock and does the work."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        artifacts = open_registry(settings.artifacts)
        path = settings.paths.data / FILE
        self._mirror = CsvMirror(engine, path, lambda: columns_in_use(artifacts))
        self._pruned_at = -math.inf  # the clock began when the machine did
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(timeout=6)

    def _run(self) -> None:
        ready = False
        with mirror_lock(self._settings.paths.data) as turn:
            while not self._ended.wait(0.0 if not ready else EVERY_SECONDS):
                try:
                    ready = ready or self._make_schema()
                    if turn():
                        self._tidy()
                except (SQLAlchemyError, StoreUnavailable) as error:
                    log.warning("Upkeep waits for the store: %s", str(error).splitlines()[0])
                    self._ended.wait(1.0)
                except Exception:
                    log.exception("Upkeep failed and goes on")
                    self._ended.wait(1.0)

    def _make_schema(self) -> bool:
        create_schema(self._engine)
        return True

    def _tidy(self) -> None:
        self._checkpoint()
        self._mirror.sync()
        if time.monotonic() - self._pruned_at > PRUNE_SECONDS:
            self._prune(time.time() - self._settings.store.keep_days * 86_400)
            self._pruned_at = time.monotonic()

    def _prune(self, before: float) -> None:
        pruned = PRUNE_ROWS
        while pruned == PRUNE_ROWS and not self._ended.wait(PRUNE_PAUSE_SECONDS):
            with self._engine.begin() as connection:
                lock_feedback_counter(connection)  # what is answered meanwhile is not forgotten
                pruned = prune_predictions(connection, before, PRUNE_ROWS)

    def _checkpoint(self) -> None:
        """Move a long WAL into the database here, so that no commit has to.

        Its file keeps its length: to write over it costs a commit two thirds of what it costs to
        lengthen it, for the file system has nothing of its own to write down.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with contextlib.closing(self._engine.raw_connection()) as connection:
            ask = connection.cursor().execute
            _, pages, moved = ask("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if pages - moved > WAL_PAGES:
                _, pages, moved = ask("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if moved < pages > LONG_WAL_PAGES:  # under steady load a passive one never catches up
                ask(f"PRAGMA busy_timeout = {RESTART_MILLISECONDS}")
                try:
                    ask("PRAGMA wal_checkpoint(RESTART)").fetchone()
                finally:
                    ask(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
