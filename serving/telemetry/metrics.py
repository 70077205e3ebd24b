"""What Prometheus reads from serving: counters that requests move, and gauges made at a scrape."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from serving.telemetry.error_count import ErrorCount

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # the client library's own switch, set by __main__
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
LATENCY_BUCKETS = (
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0
)  # fmt: skip
CONFIDENCE_BUCKETS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class Metrics:
    """The counters and histograms of one worker."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        self.requests = Counter(
            "api_requests", "Answered requests.", ("method", "handler", "status"), registry=own
        )
        self.latency = Histogram(
            "api_request_latency_seconds", "From a request's head to its answer.", ("handler",),
            buckets=LATENCY_BUCKETS, registry=own,
        )  # fmt: skip
        self.predictions = Counter(
            "predictions", "Observations predicted.", ("prediction", "version"), registry=own
        )
        self.confidence = Histogram(
            "prediction_confidence", "Probability of the predicted label.",
            buckets=CONFIDENCE_BUCKETS, registry=own,
        )  # fmt: skip
        self.feedback = Counter("feedback", "Feedback received.", ("outcome",), registry=own)
        self.errors = ErrorCount()
        self._registry = self._shared() if MULTIPROCESS in os.environ else self._alone(own)

    def observe_request(self, method: str, handler: str, status: int | str, seconds: float) -> None:
        """A client may invent methods; a label may not have endless values."""
        known = method if method in METHODS else "other"
        self.requests.labels(known, handler, str(status)).inc()
        self.latency.labels(handler).observe(seconds)
        self.errors.add(int(status))

    @staticmethod
    def _shared() -> CollectorRegistry:
        """The sums over all workers."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    @staticmethod
    def _alone(own: CollectorRegistry) -> CollectorRegistry:
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=own)
        return own

    def render(self, gauges: Iterable[Metric]) -> bytes:
        moment = CollectorRegistry()
        moment.register(_Moment(gauges))
        return generate_latest(self._registry) + generate_latest(moment)


class _Moment(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families
