"""What a pass found, as Prometheus reads it. docs/metrics.md says what each one means."""

from collections.abc import Iterator
from statistics import median

from prometheus_client.core import GaugeMetricFamily, Metric

from pipeline.model.metrics import Scores
from reporting.drift.categorical_tests import ShareDrift
from reporting.drift.dataset_drift import RESIDUAL, DatasetDrift
from reporting.drift.error_drift import ConceptDrift
from reporting.insufficient import Insufficient
from reporting.monitoring.alarm import Alarm
from reporting.monitoring.checks import Findings
from reporting.monitoring.model_monitor import PassResult
from reporting.windows.current_window import Window
from reporting.windows.reference_window import Baseline
from reporting.windows.window_quality import CHECKS, Quality

MOST_FEATURES = 40  # those that moved farthest, or have most faults; shares count all of them
SCORES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")


def describe(done: PassResult) -> Iterator[Metric]:
    """All figures of one pass."""
    yield from describe_drift(done.found.drift, done.drift)
    yield from describe_shares("target_drift", done.found.target, done.target)
    yield from describe_shares("prediction_drift", done.found.prediction)
    yield from describe_scores(done.found)
    yield from describe_quality(done.found.quality, done.baseline.usual)
    yield from describe_concept(done.errors, done.baseline)
    yield from describe_rows(done.baseline, done.window)


def gauge(name: str, help_text: str, value: float | None) -> Iterator[Metric]:
    """A figure without labels; one that cannot be computed is left out."""
    if value is not None:
        yield GaugeMetricFamily(name, help_text, float(value))


def insufficient(name: str, found: object) -> Iterator[Metric]:
    lacking = isinstance(found, Insufficient)
    yield GaugeMetricFamily(f"{name}_insufficient", "1: too few rows to say.", float(lacking))


def describe_drift(found: DatasetDrift | Insufficient, alarm: Alarm) -> Iterator[Metric]:
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
    # of a picture there may be thousands, and each is a series
    ordered = sorted(found.columns, key=lambda c: (c.name == RESIDUAL, c.drifted, c.effect))
    for column in ordered[-MOST_FEATURES:]:
        score.add_metric((column.name, column.method, column.direction), column.score)
        threshold.add_metric((column.name, column.method), column.threshold)
        drifted.add_metric((column.name,), float(column.drifted))
    yield from (score, threshold, drifted)
    yield from gauge("drift_share", "Share of the features that drifted.", found.share)
    yield from gauge("drift_alarm", "1: the window as a whole drifted.", found.drifted)
    yield from gauge("drift_holds", "1: two windows in a row drifted.", alarm.holds)


def describe_shares(
    name: str, found: ShareDrift | Insufficient, alarm: Alarm | None = None
) -> Iterator[Metric]:
    yield from insufficient(name, found)
    if isinstance(found, ShareDrift):
        yield from gauge(f"{name}_p_value", "Chance of such shares without drift.", found.score)
        yield from gauge(f"{name}_detected", "1: the shares differ.", found.drifted)
        if alarm is not None:
            yield from gauge(f"{name}_holds", "1: two windows in a row differ.", alarm.holds)


def describe_scores(found: Findings) -> Iterator[Metric]:
    yield from insufficient("model_score", found.scores)
    overall = GaugeMetricFamily("model_score", "How good it is.", labels=("score", "data"))
    by_class = GaugeMetricFamily(
        "model_class_score", "The same for a label.", labels=("label", "score", "data")
    )
    _add_scores(overall, by_class, "reference", found.expected)
    if not isinstance(found.scores, Insufficient):
        _add_scores(overall, by_class, "live", found.scores)
    yield from (overall, by_class)


def _add_scores(
    overall: GaugeMetricFamily, by_class: GaugeMetricFamily, data: str, scores: Scores
) -> None:
    for name in SCORES:
        if (value := getattr(scores, name)) is not None:
            overall.add_metric((name, data), value)
    for label, own in scores.classes.items():
        for name in ("precision", "recall", "f1"):
            if (value := getattr(own, name)) is not None:
                by_class.add_metric((label, name, data), value)


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


def describe_concept(found: ConceptDrift | Insufficient, baseline: Baseline) -> Iterator[Metric]:
    yield from insufficient("concept_drift", found)
    rate = GaugeMetricFamily("concept_error_rate", "Share of wrong predictions.", labels=("data",))
    rate.add_metric(("reference",), baseline.error)
    if isinstance(found, ConceptDrift):
        rate.add_metric(("live",), found.estimate)
        detected = GaugeMetricFamily(
            "concept_drift_detected", "1: errors have risen.", labels=("detector",)
        )
        for detector in ("adwin", "cusum"):
            mine = found.found is not None and found.found.detector == detector
            detected.add_metric((detector,), float(mine))
        yield detected
    yield rate


def describe_rows(baseline: Baseline, window: Window) -> Iterator[Metric]:
    rows = GaugeMetricFamily("reporting_window_rows", "Rows behind the figures.", labels=("data",))
    rows.add_metric(("predictions",), len(window.predicted.seqs))
    rows.add_metric(("labelled",), len(window.labelled.seqs))
    rows.add_metric(("reference",), len(baseline.targets))
    yield rows
    if window.predicted.seqs:
        share = window.predicted.labelled / len(window.predicted.seqs)
        yield from gauge("label_coverage_share", "Share of predictions with a label.", share)
    if window.labelled.ages:
        age = median(window.labelled.ages)
        yield from gauge("label_age_seconds", "Median time from prediction to label.", age)
