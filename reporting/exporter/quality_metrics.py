"""Metrics about the quality of the data."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from reporting.exporter.gauges import MOST_FEATURES, gauge, insufficient
from reporting.insufficient import Insufficient
from reporting.windows.window_quality import CHECKS, Quality


def describe_quality(found: Quality | Insufficient, usual: Quality | None) -> Iterator[Metric]:
    yield from insufficient("data_quality", found)
    if isinstance(found, Insufficient):
        return
    share = GaugeMetricFamily(
        "data_quality_share", "Share of a feature's values.", labels=("check", "feature")
    )
    faulty = sorted(found.features, key=lambda one: one.faults)
    for feature in faulty[-MOST_FEATURES:]:
        for check in CHECKS:
            share.add_metric((check, feature.name), getattr(feature, check) / found.rows)
    yield share
    rows = GaugeMetricFamily(
        "data_quality_row_share", "Share of rows with such a value.", labels=("check", "data")
    )
    known = {"live": found} | ({"reference": usual} if usual else {})
    for data, measured in known.items():
        for check, damaged in measured.damaged.items():
            rows.add_metric((check, data), damaged / measured.rows)
    yield rows
    duplicates = found.duplicates / found.rows
    yield from gauge("data_quality_duplicate_share", "Share of rows that repeat one.", duplicates)
    constant = sum(feature.constant for feature in found.features)
    yield from gauge("data_quality_constant_features", "Features that stand still.", constant)
