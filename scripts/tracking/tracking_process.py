"""The recorder beside the trainer, started again when it ends."""

import os
import subprocess
import sys
import threading

from pipeline.setting_tables import TrackingSettings

PAUSE_SECONDS = 10.0


class TrackingProcess:
    """A context; nothing is started where tracking is off."""

    def __init__(self, wanted: TrackingSettings) -> None:
        self._wanted = wanted
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="tracking", daemon=True)

    def __enter__(self) -> None:
        if self._wanted.mlflow_uri or self._wanted.dvclive_folder:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._process is not None:
            self._process.terminate()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _keep_running(self) -> None:
        while not self._ended.is_set():
            mine = ("--parent", str(os.getpid()))
            command = [sys.executable, "-m", "scripts.tracking.recorder", *mine]
            self._process = subprocess.Popen(command)
            self._process.wait()
            self._ended.wait(PAUSE_SECONDS)
