"""A real Prometheus over the rules and alerts of the project, in a hurry; used by the tests.

Rules and alerts are copies in which a second stands for two minutes: `for: 10m` waits 5 s, and a
window of [1h] is one of 30 s. None is shorter than 5 s, so that a window holds some scrapes and a
wait outlasts a late one. The promise of an answer within 100 ms becomes one of 2.5 s: how fast the
machine of a test is belongs to no phase.
"""

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support.processes.servers import ROOT, free_port, wait_for

PACE, LEAST = 120, 5  # seconds that a second stands for, and the shortest span in seconds
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
SPAN = re.compile(r"(for: |\[|offset )(\d+)([smhd])")
RHYTHM = {"scrape_interval": "1s", "evaluation_interval": "500ms"}
PATIENCE = 60.0


def hurry(text: str) -> str:
    """Rules or alerts with shorter spans, and the slower promise."""

    def shorten(found: re.Match[str]) -> str:
        return f"{found[1]}{max(LEAST, int(found[2]) * UNITS[found[3]] // PACE)}s"

    return SPAN.sub(shorten, text).replace('le="0.1"', 'le="2.5"')


class Prometheus:
    """Scrapes what runs, by the name of its job and its port. Its log is a file."""

    def __init__(self, folder: Path, program: str, ports: Mapping[str, int]) -> None:
        self.log = folder / "prometheus.log"
        self._write(folder, ports)
        port = free_port()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", trust_env=False)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    program,
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                cwd=folder,
                stdout=log,
                stderr=log,
            )

    def _write(self, folder: Path, ports: Mapping[str, int]) -> None:
        ours = ROOT / "prometheus"
        for name in ("rules", "alerts"):
            (folder / name).mkdir(parents=True)
            for path in (ours / name).glob("*.yml"):
                (folder / name / path.name).write_text(hurry(path.read_text()))
        wanted = yaml.safe_load((ours / "prometheus.yml").read_text())
        wanted["global"] = RHYTHM
        del wanted["alerting"]
        wanted["scrape_configs"] = [
            {**job, "static_configs": [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]}
            for job in wanted["scrape_configs"]
            if job["job_name"] in ports
        ]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(wanted))

    def get(self, path: str, **parameters: str) -> Any:
        answer = self._client.get(path, params=parameters).raise_for_status()
        return answer.json()["data"]

    def fired(self, since: float) -> set[str]:
        """The names of the alerts that fired for a moment at least."""
        seconds = int(time.time() - since) + 1
        asked = f'count_over_time(ALERTS{{alertstate="firing"}}[{seconds}s])'
        return {row["metric"]["alertname"] for row in self.query(asked)}

    def firing(self) -> list[dict[str, Any]]:
        return [alert for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"]

    def has_none(self, states: str) -> bool:
        """Whether no alert but the Watchdog is in one of the states, with all figures at hand."""
        alerts = f'ALERTS{{alertstate=~"{states}",alertname!="Watchdog"}}'
        return bool(self.query(f"min(min_over_time(up[3s])) == 1 unless on () count({alerts})"))

    def query(self, promql: str) -> list[dict[str, Any]]:
        return list(self.get("query", query=promql)["result"])

    def catch_up(self) -> None:
        """Wait until every alert was judged by figures read from now on."""
        self._wait_for_all(self._scrapes)
        self._wait_for_all(self._evaluations)  # rules, which other groups' alerts read
        self._wait_for_all(self._evaluations)

    def _wait_for_all(self, moments: Any) -> None:
        now = datetime.now().astimezone()
        wait_for(lambda: all(datetime.fromisoformat(one) > now for one in moments()), PATIENCE)

    def _scrapes(self) -> list[str]:
        return [target["lastScrape"] for target in self.get("targets")["activeTargets"]]

    def _evaluations(self) -> list[str]:
        return [group["lastEvaluation"] for group in self.get("rules")["groups"]]

    def wait_until_up(self) -> None:
        def reads() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(httpx.HTTPError):
                return bool(self.query("min(up) == 1"))
            return False

        wait_for(reads, PATIENCE)

    def stop(self) -> None:
        self._client.close()
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)


@contextlib.contextmanager
def watching(folder: Path, ports: Mapping[str, int]) -> Iterator[Prometheus]:
    """A context in which it has read all that it is to read."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("no prometheus: on Debian apt install prometheus")
    prometheus = Prometheus(folder, program, ports)
    try:
        prometheus.wait_until_up()
        yield prometheus
    finally:
        prometheus.stop()
