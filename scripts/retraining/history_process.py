"""Moves old rows to the history now and then, in a process of its own beside the trainer."""

import subprocess
import sys
import threading

from pipeline.setting_tables import StoreSettings

EVERY_SECONDS = 3_600.0


class HistoryProcess:
    """A context; nothing is started where `store.history` is empty.

    Of several trainers one moves at a time: the others find the history locked, and try again in an
    hour. What a kill leaves half done, the next one clears.
    """

    def __init__(self, wanted: StoreSettings) -> None:
        self._wanted = wanted
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def __enter__(self) -> None:
        if self._wanted.history:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._process is not None:
            self._process.terminate()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._process = subprocess.Popen([sys.executable, "-m", "scripts.history", "move"])
            self._process.wait()
            self._ended.wait(EVERY_SECONDS)
