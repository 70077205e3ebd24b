"""A command's turn: while it lasts no worker retrains, and it stands in the log of decisions."""

import logging
import os
import secrets
import socket
import threading
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.store.decision_log import FAILED, Decision
from pipeline.store.retraining_queue import LeaseLost, Occupied, begin, finish, report_progress
from scripts.cli.command import CommandError
from scripts.cli.progress_bar import ProgressBar

log = logging.getLogger(__name__)


class TrainingLease:
    """Holds the lease of a job of its own until it is decided; leaving it undecided is a failure.

    Called with a stage and a share it shows and records how far the work is.
    """

    def __init__(self, engine: Engine, lease_seconds: float, trigger: str) -> None:
        self._engine = engine
        self._seconds = lease_seconds
        self._trigger = trigger
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._bar = ProgressBar()
        self._stage, self._share = "starting", 0.0
        self._decided = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> Self:
        with self._engine.begin() as connection:
            try:
                self._job = begin(connection, self._trigger, self._owner, self._seconds)
            except Occupied as error:
                raise CommandError(str(error)) from error
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
        self._ended.set()
        self._thread.join()
        if not self._decided:
            self.decide(Decision(FAILED, f"failed: {error or 'it was cut short'}"))

    def __call__(self, stage: str, share: float) -> None:
        self._stage, self._share = stage, share
        self._bar(stage, share)

    def name(self, version: str) -> None:
        """Write down which version is about to go live."""
        self._report(version)

    def decide(self, decision: Decision) -> None:
        with self._engine.begin() as connection:
            finish(connection, self._job, self._owner, decision)
        self._decided = True

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            try:
                self._report()
            except (SQLAlchemyError, LeaseLost) as error:
                log.warning("The lease could not be renewed: %s", str(error).splitlines()[0])

    def _report(self, version: str | None = None) -> None:
        with self._engine.begin() as connection:
            report_progress(
                connection,
                self._job,
                self._owner,
                self._seconds,
                self._stage,
                self._share,
                version,
            )
