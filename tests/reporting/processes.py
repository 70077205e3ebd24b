"""`python -m reporting` of one installation, for an ordinary user: without a home."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from reporting.evidently_reports.dashboard import PROJECT_ID
from tests.support.models_and_records.installations import Installation
from tests.support.processes.servers import ROOT, free_port

PROJECT_PAGE = f"/projects/{PROJECT_ID}"


def place_reports(installation: Installation) -> Installation:
    """The same with its reports, workspace and ports apart from all others."""
    return installation.with_knobs(
        REPORTING__REPORTS=str(installation.folder / "reports"),
        REPORTING__WORKSPACE=str(installation.folder / "workspace"),
        REPORTING__PORT=str(free_port()),
        REPORTING__UI_PORT=str(free_port()),
        REPORTING__EVERY_SECONDS="5",
    )


class Reporting:
    """Both its parts."""

    def __init__(self, installation):
        self.log = installation.folder / "reporting.log"
        self.wanted = installation.settings().reporting
        self.url = f"http://127.0.0.1:{self.wanted.ui_port}"
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reporting"],
                cwd=installation.folder,
                env={**kept, **installation.environment, "PYTHONPATH": str(ROOT)},
                stderr=log,
                stdout=log,
                start_new_session=True,
            )

    def get(self, port, path):
        """The answer, or None while there is none."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def figures(self):
        return self.get(self.wanted.port, "/metrics")

    def projects(self):
        return self.get(self.wanted.ui_port, "/api/projects")

    def shows_run(self, name):
        path = f"/api/projects/{PROJECT_ID}/snapshots"
        return name in (self.get(self.wanted.ui_port, path) or "")

    def find_ui(self):
        """The process of the UI, or None while there is none."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = [pid for path in threads for pid in path.read_text().split()]
        commands = {int(pid): Path(f"/proc/{pid}/cmdline") for pid in pids}
        found = [pid for pid, line in commands.items() if b"reporting.project" in line.read_bytes()]
        return next(iter(found), None)

    def end(self):
        """All of it, its children too, which outlive it for a moment when it is killed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
