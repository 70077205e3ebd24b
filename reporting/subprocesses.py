"""The process beside the exporter that makes a report now and then.

Evidently's import costs seconds and 300 MB, so the exporter leaves it to it.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Self

from pipeline.setting_tables import ReportingSettings
from reporting.news import count_news

log = logging.getLogger(__name__)
ALONE = {"DO_NOT_TRACK": "1", "GIT_COMMIT": "none"}  # no phoning home, no shelling out to git
CALMLY = ("nice", "-n", "5")  # a report may wait, an answer and the start of the UI may not
RETRY_SECONDS = 300
END_WITH_PARENT = "--end-with-parent"


class Reports:
    """A context in which reports are made on time."""

    def __init__(self, wanted: ReportingSettings) -> None:
        self._wanted = wanted
        self._told = 0
        self._snapshot: subprocess.Popen[bytes] | None = None
        self._due = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._snapshot is not None:
            self._snapshot.terminate()
            _wait(self._snapshot)

    def make(self) -> None:
        """Start one that is due; one that failed is logged and made again later."""
        now = time.monotonic()
        if self._snapshot is not None and self._snapshot.poll() is not None:
            if self._snapshot.returncode != 0:
                log.error("No report was made this time; the reason stands above")
                self._due = min(self._due, now + RETRY_SECONDS)
            _wait(self._snapshot)
            self._snapshot = None
        if (news := count_news(self._wanted.reports)) != self._told:
            self._told, self._due = news, now
        if self._snapshot is None and now >= self._due:
            self._due = now + self._wanted.snapshot_minutes * 60
            self._snapshot = _start("reporting.snapshot", END_WITH_PARENT, before=CALMLY)


def heed_parent(arguments: Sequence[str]) -> None:
    """End when reporting does, if so asked: it holds the other end of our standard input."""
    if END_WITH_PARENT in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _start(module: str, *options: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """The pipe closes when we die, however that happens."""
    command = [*before, sys.executable, "-m", module, *options]
    return subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE)


def environment() -> dict[str, str]:
    return {**os.environ, **ALONE}


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
