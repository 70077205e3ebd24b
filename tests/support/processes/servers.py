"""A real `python -m serving` in a process of its own; used by the tests."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.support.models_and_records.installations import Installation

ROOT = Path(__file__).parents[3]
START_SECONDS = 30.0


def free_port() -> int:
    """One that no client is given: with tests side by side it would be taken before its server is
    up."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class Server:
    """Serving of one installation. It keeps its port over restarts; its log is a file."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.port = free_port()
        self.log = installation.folder / "serving.log"
        self.client = self.connect()
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self, **options: Any) -> httpx.Client:
        url = f"http://127.0.0.1:{self.port}"
        return httpx.Client(base_url=url, timeout=20, verify=False, trust_env=False, **options)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def spawn(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BOUCLE_")}
        environment |= {**self.installation.environment, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "serving"],
                cwd=ROOT,
                env={**environment, "BOUCLE_SERVING__PORT": str(self.port)},
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> "Server":
        self.spawn()
        self.wait_until_up()
        return self

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process is not None:
            with contextlib.suppress(httpx.TransportError):
                self.client.get("/livez").raise_for_status()
                return
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        raise TimeoutError(self.log.read_text())

    def kill(self) -> None:
        """As a power cut for all its processes."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(timeout=30)
        finally:
            self.kill()

    def predict(self, features: Any, **options: Any) -> Any:
        answer = self.client.post("/predict", json={"features": features}, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def metrics(self) -> dict[str, float]:
        """Each line of /metrics: its name with its labels, and its number."""
        lines = self.client.get("/metrics").text.splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
        return {name: float(number) for name, number in pairs}

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextlib.contextmanager
def serving(installation: Installation) -> Iterator[Server]:
    server = Server(installation)
    try:
        yield server.start()
    finally:
        server.stop()
        server.client.close()


def wait_for(condition: Any, seconds: float = 60.0) -> Any:
    """What the condition returns once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found
