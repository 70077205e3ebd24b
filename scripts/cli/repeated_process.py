"""A command that runs beside another, and again some time after it ended. Used by the trainer."""

import subprocess
import sys
import threading
from collections.abc import Sequence


class RepeatedProcess:
    """A context; leaving it ends the command. Nothing runs that is not wanted."""

    def __init__(self, wanted: bool, pause: float, module: str, *options: str) -> None:
        self._wanted, self._pause = wanted, pause
        self._command: Sequence[str] = (sys.executable, "-m", module, *options)
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name=module, daemon=True)

    def __enter__(self) -> None:
        if self._wanted:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        process = self._process
        if process is not None:
            process.terminate()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._process = subprocess.Popen(self._command)
            self._process.wait()
            self._ended.wait(self._pause)
