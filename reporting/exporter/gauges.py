"""A gauge that may be absent, and one that says that there are too few rows."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from reporting.insufficient import Insufficient

MOST_FEATURES = 40  # those that moved farthest, or have most faults; shares count all of them


def gauge(name: str, help_text: str, value: float | None) -> Iterator[Metric]:
    """A figure without labels; one that cannot be computed is left out."""
    if value is not None:
        yield GaugeMetricFamily(name, help_text, float(value))


def insufficient(name: str, found: object) -> Iterator[Metric]:
    lacking = isinstance(found, Insufficient)
    yield GaugeMetricFamily(f"{name}_insufficient", "1: too few rows to say.", float(lacking))
