"""A thread that maintains the store: its tables, WAL, CSV mirror, sums for curves, old rows."""

import contextlib
import logging
import math
import threading
import time

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.history.request_errors import add_errors, prune_errors
from pipeline.history.sums import ROWS, Curve, HistoryKeeper, prune_history
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.production.csv_mirror import FILE, CsvMirror, mirror_lock
from pipeline.registry.prepared import columns_in_use
from pipeline.registry.registry import ModelRegistry, open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.settings import Settings
from pipeline.store.database import BUSY_MILLISECONDS, create_schema
from pipeline.store.feedback_log import lock_feedback_counter
from pipeline.store.prediction_log import note_request_ids, prune_predictions
from pipeline.store.records import StoreUnavailable
from serving.telemetry.error_count import ErrorCount
from serving.telemetry.request_id_log import RequestIdLog

log = logging.getLogger(__name__)
EVERY_SECONDS, SUMS_SECONDS, PRUNE_SECONDS = 0.3, 1.0, 3600.0
PRUNE_ROWS, PRUNE_PAUSE_SECONDS = 500, 0.02
WAL_PAGES = 1_000  # of 4 kB; from so many on the WAL is copied into the database
LONG_WAL_PAGES = 4_000  # from so many on writers wait a moment, so that the WAL starts again
RESTART_MILLISECONDS = 20  # so long they may wait for readers of the WAL


class Curves:
    """The calibration curve of each version, read from its manifest once."""

    def __init__(self, artifacts: ModelRegistry) -> None:
        self._artifacts = artifacts
        self._known: dict[str, Curve] = {}

    def __call__(self, version: str) -> Curve:
        if version not in self._known:
            self._known[version] = self._read(version)
        return self._known[version]

    def _read(self, version: str) -> Curve:
        """None if the version is pruned or damaged, or its manifest has no curve."""
        try:
            if version in self._artifacts.numbers():
                curve: Curve = self._artifacts.open(version).manifest.get("calibration")
                return curve
        except UntrustedArtifact as refusal:
            log.warning("Nothing is expected of version %s: %s", version, refusal)
        return None


class StoreMaintenance:
    """A thread in each worker. One of them holds the lock and does the work for all."""

    def __init__(
        self, engine: Engine, settings: Settings, errors: ErrorCount, request_ids: RequestIdLog
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._errors, self._request_ids = errors, request_ids
        artifacts = open_registry(settings.artifacts)
        path = settings.paths.data / FILE
        self._mirror = CsvMirror(engine, path, lambda: columns_in_use(artifacts))
        self._history = HistoryKeeper(engine, Curves(artifacts))
        self._counted_at = self._summed_at = -math.inf  # the monotonic clock may be near 0
        self._pruned_at = -math.inf
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(timeout=6)

    def _run(self) -> None:
        ready = False
        with mirror_lock(self._settings.paths.data) as has_lock:
            while not self._ended.wait(0.0 if not ready else EVERY_SECONDS):
                try:
                    ready = ready or self._make_schema()
                    self._write_counts()
                    if has_lock():
                        self._run_once()
                except (SQLAlchemyError, StoreUnavailable) as error:
                    log.warning("Maintenance waits for the store: %s", str(error).splitlines()[0])
                    self._ended.wait(1.0)
                except ObjectsUnavailable as error:
                    log.warning("Maintenance waits for the bucket: %s", error)
                    self._ended.wait(1.0)
                except Exception:
                    log.exception("Maintenance failed and goes on")
                    self._ended.wait(1.0)

    def _make_schema(self) -> bool:
        create_schema(self._engine)
        return True

    def _write_counts(self) -> None:
        """Write what only this worker knows: its errors, and the request ids of predictions."""
        if time.monotonic() - self._counted_at < SUMS_SECONDS:
            return
        self._counted_at = time.monotonic()
        errors, request_of = self._errors.take(), self._request_ids.take()
        if not errors and not request_of:
            return
        try:
            with self._engine.begin() as connection:
                add_errors(connection, errors)
                if request_of:
                    note_request_ids(connection, request_of)
        except SQLAlchemyError:
            self._errors.put_back(errors)
            self._request_ids.put_back(request_of)
            raise

    def _run_once(self) -> None:
        self._checkpoint()
        self._mirror.sync()
        if time.monotonic() - self._summed_at > SUMS_SECONDS and self._history.update() < ROWS:
            self._summed_at = time.monotonic()
        if time.monotonic() - self._pruned_at > PRUNE_SECONDS:
            self._prune(time.time() - self._settings.store.keep_days * 86_400)
            self._pruned_at = time.monotonic()

    def _prune(self, before: float) -> None:
        """Delete old rows. With `store.history` the trainer moves predictions, and deletes them."""
        pruned, moved = PRUNE_ROWS, bool(self._settings.store.history)
        while pruned == PRUNE_ROWS and not self._ended.wait(PRUNE_PAUSE_SECONDS):
            with self._engine.begin() as connection:
                lock_feedback_counter(
                    connection
                )  # keeps predictions that get feedback at this moment
                pruned = 0 if moved else prune_predictions(connection, before, PRUNE_ROWS)
                prune_history(connection, time.time())
                prune_errors(connection, time.time())

    def _checkpoint(self) -> None:
        """Copy a long WAL into the database here, so that no commit has to.

        The file keeps its length: a commit that overwrites it costs two thirds of one that makes it
        longer, because the file system need not write metadata.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with contextlib.closing(self._engine.raw_connection()) as connection:
            ask = connection.cursor().execute
            _, pages, moved = ask("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if pages - moved > WAL_PAGES:
                _, pages, moved = ask("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if (
                moved < pages > LONG_WAL_PAGES
            ):  # under steady load a passive checkpoint never catches up
                ask(f"PRAGMA busy_timeout = {RESTART_MILLISECONDS}")
                try:
                    ask("PRAGMA wal_checkpoint(RESTART)").fetchone()
                finally:
                    ask(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
