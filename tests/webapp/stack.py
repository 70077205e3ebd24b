"""A whole installation: serving, trainer and page as real processes; used by the page's tests."""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.support.models_and_records.installations import Installation
from tests.support.processes.servers import ROOT, free_port

PATIENCE = 60


@dataclass
class Stack:
    installation: Installation
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    serving: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    page: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    path: str = str(ROOT)  # of Python

    @property
    def folder(self) -> Path:
        return self.installation.folder

    @property
    def environment(self) -> dict[str, str]:
        """What serving, trainer and page are started with, and what a page in a test needs."""
        return {
            **self.installation.environment,
            "BOUCLE_SERVING__PORT": self.serving.rpartition(":")[2],
            "PYTHONPATH": self.path,
            "SERVING_URL": self.serving,
            "REPORTING_URL": f"http://127.0.0.1:{free_port()}",
        }

    def start(self, name, *command):
        outside = {key: value for key, value in os.environ.items() if "BOUCLE_" not in key}
        with (self.folder / f"{name}.log").open("a") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.folder,
                env={**outside, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start_serving(self):
        self.start("serving", "-m", "serving")
        self.wait_for("serving", f"{self.serving}/readyz")

    def start_trainer(self):
        self.start("trainer", str(ROOT / "scripts/trainer.py"))

    def start_page(self):
        """Several modules of tests share a page."""
        if "page" in self.processes:
            return
        port = ("--server.port", self.page.rpartition(":")[2])
        self.start("page", "-m", "streamlit", "run", str(ROOT / "webapp/api.py"), *port)
        self.wait_for("page", f"{self.page}/_stcore/health")

    def wait_for(self, name, url):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.processes[name].poll() is None:
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=2).ok:
                    return
            time.sleep(0.1)
        raise AssertionError((self.folder / f"{name}.log").read_text())

    def stop(self, name):
        process = self.processes.pop(name)
        process.terminate()
        process.wait(timeout=PATIENCE)

    def stop_all(self):
        for name in list(self.processes):
            self.stop(name)

    def loop(self):
        return requests.get(f"{self.serving}/retrainings", timeout=10).json()
