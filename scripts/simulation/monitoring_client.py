"""What those who watch the loop see: reporting's figures and, where it runs, Prometheus' alerts."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from pipeline.settings import Settings
from scripts.cli.command import CommandError

MetricValues = dict[str, float]
SECONDS = 5.0
ENDED, TOOK = "reporting_last_pass_timestamp_seconds", "reporting_pass_duration_seconds"


@dataclass(frozen=True)
class MonitoringClient:
    reporting: str
    prometheus: str

    def figures(self) -> MetricValues:
        """Each series with its labels, and its number."""
        try:
            text = requests.get(f"{self.reporting}/metrics", timeout=SECONDS).text
        except requests.RequestException:
            raise CommandError(
                f"Reporting does not answer on {self.reporting}; start it with make run."
            ) from None
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
        return {_series(sample): sample.value for sample in samples}

    def next_figures(self, patience: float = 120.0) -> MetricValues:
        """The figures of a pass that began after now."""
        now = time.time()

        def looked() -> bool:
            figures = self.figures()
            return figures.get(ENDED, 0.0) - figures.get(TOOK, 0.0) > now

        wait_for(looked, "A pass of reporting", patience)
        return self.figures()

    def firing(self) -> set[str] | None:
        """The names of the alerts that fire; None when no Prometheus answers."""
        try:
            answer = requests.get(f"{self.prometheus}/api/v1/alerts", timeout=SECONDS).json()
        except (requests.RequestException, ValueError):
            return None
        alerts = answer["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}


def _series(sample: Sample) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
    return f"{sample.name}{{{labels}}}" if labels else sample.name


def make_watcher(settings: Settings) -> MonitoringClient:
    here = f"http://127.0.0.1:{settings.reporting.port}"
    return MonitoringClient(
        os.environ.get("REPORTING_URL", here).rstrip("/"),
        os.environ.get("PROMETHEUS_URL", "http://127.0.0.1:9090").rstrip("/"),
    )


def wait_for(look: Callable[[], bool], what: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not look():
        if time.monotonic() > deadline:
            raise CommandError(f"{what} did not come within {patience:.0f} s.")
        time.sleep(0.5)
