"""The process in which a retraining runs: watched, limited in time, ended with its trainer."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.setting_tables import RetrainingSettings
from pipeline.store.decision_log import Decision


class TrainingFailed(Exception):
    """The training ended without a decision; the text says how."""


class TrainingPostponed(Exception):
    """What the training needs is away, and it was not its fault; the text says what."""


class TrainingProcess:
    """A context in which a training runs; leaving it ends the training."""

    def __init__(
        self, wanted: RetrainingSettings, trigger: str, foreign_model: str | None = None
    ) -> None:
        self._wanted = wanted
        self._what = [trigger, *([foreign_model] if foreign_model else [])]
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._decision: Decision | None = None
        self._error = self._postponed = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "scripts.retraining.run_training", *self._what]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the trainer, which ends it
        )
        self._started = time.monotonic()
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        try:
            for line in self._process.stdout or ():
                self._lines.put(json.loads(line))
        finally:
            self._lines.put(None)

    def progress(self) -> Iterator[tuple[str, float]]:
        """Stage and share as the child tells them, and again while it is silent: a heartbeat."""
        stage, share, patient = "starting", 0.0, True
        beat = self._wanted.lease_seconds / 3
        while True:
            seconds = time.monotonic() - self._started
            if seconds > self._wanted.timeout_seconds:
                limit = self._wanted.timeout_seconds
                raise TrainingFailed(f"the training took longer than {limit:g} s and was stopped")
            if patient and seconds > self._wanted.patience_seconds:
                patient = False
                self._hurry()
            try:
                line = self._lines.get(timeout=min(beat, 1.0))
            except queue.Empty:
                yield stage, share
                continue
            if line is None:
                return
            if "stage" in line:
                stage, share = line["stage"], line["progress"]
                yield stage, share
            self._note(line)

    def _note(self, line: dict[str, Any]) -> None:
        if "decision" in line:
            self._decision = Decision(**line["decision"])
        self._error = line.get("error", self._error)
        self._postponed = line.get("postponed", self._postponed)

    def _hurry(self) -> None:
        """A busy machine has starved it for long enough: from now on it runs at nice 5."""
        for thread in Path(f"/proc/{self._process.pid}/task").iterdir():
            try:
                os.sched_setscheduler(int(thread.name), os.SCHED_OTHER, os.sched_param(0))
            except ProcessLookupError:
                continue  # that thread has just ended
            except PermissionError:
                return  # it never went idle, see scripts/retraining/run_training.py

    def decision(self) -> Decision:
        """TrainingFailed, or ObjectsUnavailable where only the bucket was away."""
        code = self._process.wait()
        if self._decision is not None:
            return self._decision
        if self._postponed:
            raise TrainingPostponed(self._postponed)
        if self._error:
            raise TrainingFailed(self._error)
        if code < 0:
            name = signal.Signals(-code).name
            raise TrainingFailed(f"the training was ended by {name}, perhaps for want of memory")
        raise TrainingFailed(f"the training ended with exit code {code}; its log says why")
