"""Metrics about drift of inputs, labels and errors."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import RESIDUAL, DatasetDrift
from reporting.drift.error_drift import ConceptDrift
from reporting.exporter.gauges import MOST_FEATURES, gauge, insufficient
from reporting.insufficient import Insufficient
from reporting.monitoring.alarm import Alarms, Confirmation
from reporting.windows.reference_window import ReferenceWindow


def describe_drift(found: DatasetDrift | Insufficient, alarms: Alarms) -> Iterator[Metric]:
    yield from insufficient("drift", found)
    if isinstance(found, Insufficient):
        return
    score = GaugeMetricFamily(
        "drift_score",
        "The window against the reference.",
        labels=("feature", "method", "direction"),
    )
    threshold = GaugeMetricFamily(
        "drift_threshold", "Where drift begins.", labels=("feature", "method")
    )
    drifted = GaugeMetricFamily("drift_detected", "1: the feature drifted.", labels=("feature",))
    change = GaugeMetricFamily(
        "drift_change",
        "By how much a feature that drifted moved; `change` says in what.",
        labels=("feature", "change"),
    )
    since = GaugeMetricFamily(
        "drift_since_timestamp_seconds",
        "When a feature whose drift holds was found first.",
        labels=("feature",),
    )
    ordered = sorted(found.columns, key=lambda c: (c.name == RESIDUAL, c.drifted, c.effect))
    for column in ordered[-MOST_FEATURES:]:  # each feature is a time series
        if column.drifted:
            change.add_metric((column.name, column.change), column.effect)
        score.add_metric((column.name, column.method, column.direction), column.score)
        threshold.add_metric((column.name, column.method), column.threshold)
        drifted.add_metric((column.name,), float(column.drifted))
    for name, moment in sorted(alarms.held.items())[:MOST_FEATURES]:
        if moment is not None:
            since.add_metric((name,), moment)
    yield from (score, threshold, drifted, change, since)
    yield from gauge("drift_share", "Share of the features that drifted.", found.share)
    yield from gauge("drift_alarm", "1: something in the window drifted.", found.drifted)
    yield from gauge("drift_holds", "1: a feature drifted in two windows in a row.", alarms.holds)


def describe_shares(
    name: str, found: LabelDrift | Insufficient, alarm: Confirmation | None = None
) -> Iterator[Metric]:
    yield from insufficient(name, found)
    if isinstance(found, LabelDrift):
        yield from gauge(f"{name}_p_value", "Chance of such shares without drift.", found.score)
        yield from gauge(f"{name}_detected", "1: the shares differ.", found.drifted)
        if alarm is not None:
            yield from gauge(f"{name}_holds", "1: two windows in a row differ.", alarm.holds)


def describe_concept(
    found: ConceptDrift | Insufficient, baseline: ReferenceWindow
) -> Iterator[Metric]:
    yield from insufficient("concept_drift", found)
    rate = GaugeMetricFamily("concept_error_rate", "Share of wrong predictions.", labels=("data",))
    rate.add_metric(("reference",), baseline.error)
    if isinstance(found, ConceptDrift):
        rate.add_metric(("expected",), found.expected)
        rate.add_metric(("live",), found.estimate)
        detected = GaugeMetricFamily(
            "concept_drift_detected", "1: errors have risen.", labels=("detector",)
        )
        detected.add_metric(("cusum",), float(found.detected))
        judged = GaugeMetricFamily(
            "concept_judged_rows", "Rows behind the live error rate.", labels=("version",)
        )
        for version, rows in found.versions.items():
            judged.add_metric((version,), rows)
        yield from (detected, judged)
    yield rate
