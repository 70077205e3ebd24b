"""A bucket of S3 as moto serves it, in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import httpx

from tests.support.processes.servers import free_port

NAME = "boucle"


@dataclass
class Bucket:
    """What obstore needs to find it is in the environment while it is there."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"s3://{NAME}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    def hang(self) -> None:
        """It takes connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Bucket"]:
        port = free_port()
        command = [sys.executable, "-m", "moto.server", "-p", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        bucket = cls(port, process)
        try:
            _make(f"http://127.0.0.1:{port}/{NAME}")
            with mock.patch.dict(os.environ, bucket.environment):
                yield bucket
        finally:
            bucket.stop()


def _make(url: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            httpx.put(url).raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
