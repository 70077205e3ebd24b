"""Reads the metrics that a service publishes for Prometheus; `docs/metrics.md` lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families

from webapp.texts import say

SECONDS = 3


class MetricsUnavailable(Exception):
    """The text says why there are none."""


@dataclass(frozen=True)
class Sample:
    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class MetricSamples:
    """The samples. An absent one could not be computed, and is never taken for 0."""

    samples: Sequence[Sample]

    def find(self, name: str, **labels: str) -> list[Sample]:
        """The samples of a metric that carry these labels."""
        return [
            sample
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    def moves(self) -> list[Sample]:
        """The drifted columns: features before components of the PCA, the largest move first."""

        def rank(sample: Sample) -> tuple[bool, float]:
            return sample.labels["feature"].lower().startswith("pca_"), -sample.value

        return sorted(self.find("drift_change"), key=rank)

    @property
    def reference_rows(self) -> float | None:
        return self.value("reporting_window_rows", data="reference")

    def value(self, name: str, **labels: str) -> float | None:
        """The value of the one such sample."""
        found = self.find(name, **labels)
        return found[0].value if found else None

    def total(self, name: str, **labels: str) -> float:
        """The sum over a counter's labels; what was never counted is 0."""
        return sum(sample.value for sample in self.find(name, **labels))


def read_figures(text: str) -> MetricSamples:
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:
        text = say("What answers there does not speak Prometheus.")
        raise MetricsUnavailable(text) from None
    samples = [sample for family in families for sample in family.samples]
    return MetricSamples([Sample(one.name, one.labels, one.value) for one in samples])


def fetch_metrics(address: str) -> MetricSamples:
    """What reporting publishes, or MetricsUnavailable."""
    with requests.Session() as session:
        session.trust_env = False  # ignore HTTP_PROXY, for our own services are not behind it
        try:
            answer = session.get(f"{address}/metrics", timeout=SECONDS)
            answer.raise_for_status()
        except requests.RequestException:
            text = say("Reporting is not running at {address}.", address=address)
            raise MetricsUnavailable(text) from None
    return read_figures(answer.text)
