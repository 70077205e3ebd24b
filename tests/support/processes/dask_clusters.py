"""A Dask scheduler and its workers, in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client

from tests.support.processes.servers import free_port


class DaskCluster:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = self._start("scheduler", f"--port={port}", "--no-dashboard")
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_workers(self, count: int) -> None:
        for _ in range(count):
            options = ("--nthreads=1", "--no-nanny", "--no-dashboard", "--death-timeout=60")
            self.workers.append(self._start("worker", self.address, *options))
        self.wait()

    def wait(self) -> None:
        """Until the scheduler answers and all workers are there."""
        with Client(self.address, timeout=60) as client:
            if self.workers:
                client.wait_for_workers(len(self.workers), timeout=60)

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(self, program: str, *options: str) -> "subprocess.Popen[bytes]":
        with (self._folder / f"{program}.log").open("ab") as log:
            command = [sys.executable, "-m", "dask", program, *options]
            return subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[DaskCluster]:
    cluster = DaskCluster(folder)
    try:
        cluster.add_workers(workers)
        yield cluster
    finally:
        cluster.stop()
