"""The metrics of the latest pass and about passes, as Prometheus' library collects them."""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)


class Exporter(Collector):
    """Keeps the metrics of the last pass that succeeded, and counts those that fail."""

    def __init__(self, measure: Callable[[], list[Metric]], reports: Path) -> None:
        """`measure` makes a pass. The latest report is in the folder `reports`."""
        self._measure = measure
        self._reports = reports
        self._metrics: list[Metric] = []
        self._ended_at: float | None = None
        self._seconds = 0.0
        self._errors = 0
        self._failed = ""

    def run_pass(self) -> None:
        started = time.monotonic()
        try:
            self._metrics = self._measure()
        except Exception as error:
            self._errors += 1
            new = str(error) != self._failed  # with a traceback once
            log.error("A pass failed, the last metrics stay: %s", error, exc_info=new)
            self._failed = str(error)
            return
        self._ended_at, self._seconds = time.time(), time.monotonic() - started

    def collect(self) -> Iterable[Metric]:
        yield from self._metrics
        if self._ended_at is not None:
            name = "reporting_last_pass_timestamp_seconds"
            yield GaugeMetricFamily(name, "When the last pass ended well.", self._ended_at)
            name = "reporting_pass_duration_seconds"
            yield GaugeMetricFamily(name, "How long the last pass took.", self._seconds)
        yield CounterMetricFamily("reporting_pass_errors", "Passes that failed.", self._errors)
        latest = self._reports / "latest.json"
        if latest.exists():
            name = "reporting_last_snapshot_timestamp_seconds"
            yield GaugeMetricFamily(name, "When the last report was made.", latest.stat().st_mtime)
