"""Makes gauges: one that is absent without a value, and one that is 1 for too few rows."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from reporting.insufficient import Insufficient

MOST_FEATURES = 40  # of a metric: those that moved most, or have most faults


def gauge(name: str, help_text: str, value: float | None) -> Iterator[Metric]:
    """A gauge without labels. Without a value there is none."""
    if value is not None:
        yield GaugeMetricFamily(name, help_text, float(value))


def insufficient(name: str, found: object) -> Iterator[Metric]:
    lacking = isinstance(found, Insufficient)
    yield GaugeMetricFamily(f"{name}_insufficient", "1: too few rows to say.", float(lacking))
