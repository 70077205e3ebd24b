"""All metrics of a monitoring pass. docs/metrics.md says what each one means."""

from collections.abc import Iterator, Mapping
from statistics import median

from prometheus_client.core import GaugeMetricFamily, Metric

from pipeline.quality.calibration import ExpectedQuality
from pipeline.quality.metrics import ClassificationScores, ClassScores
from pipeline.setting_tables import ReportingSettings
from reporting.drift.diagnosis import TITLES, Diagnosis
from reporting.exporter.drift_metrics import describe_concept, describe_drift, describe_shares
from reporting.exporter.gauges import gauge, insufficient
from reporting.exporter.quality_metrics import describe_quality
from reporting.insufficient import Insufficient
from reporting.monitoring.checks import CheckResults
from reporting.monitoring.model_monitor import PassResult
from reporting.windows.current_window import CurrentWindow, FeedbackRows
from reporting.windows.reference_window import ReferenceWindow

SCORES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")


def describe(done: PassResult) -> Iterator[Metric]:
    """All metrics of one pass."""
    yield from describe_drift(done.found.drift, done.drift)
    yield from describe_shares("target_drift", done.found.target, done.target)
    yield from describe_shares("prediction_drift", done.found.prediction)
    yield from describe_scores(done.found)
    yield from describe_scored(done.found, done.window.labelled, done.wanted.least_labelled)
    yield from describe_quality(done.found.quality, done.baseline.usual)
    yield from describe_concept(done.errors, done.baseline)
    yield describe_diagnosis(done.diagnosis)
    yield from describe_rows(done.baseline, done.window, done.wanted)


def describe_diagnosis(found: Diagnosis) -> Metric:
    kinds = GaugeMetricFamily("diagnosis", "1 for the kind of change that it is.", labels=("kind",))
    for kind in TITLES:
        kinds.add_metric((kind,), float(kind == found.kind))
    return kinds


def describe_scores(found: CheckResults) -> Iterator[Metric]:
    yield from insufficient("model_score", found.scores)
    overall = GaugeMetricFamily("model_score", "How good it is.", labels=("score", "data"))
    by_class = GaugeMetricFamily(
        "model_class_score", "The same for a label.", labels=("label", "score", "data")
    )
    _add_scores(overall, by_class, "reference", found.expected)
    if not isinstance(found.scores, Insufficient):
        _add_scores(overall, by_class, "live", found.scores)
    if isinstance(found.foretold, ExpectedQuality):
        overall.add_metric(("accuracy", "expected"), found.foretold.accuracy)
        if found.foretold.balanced_accuracy is not None:
            overall.add_metric(("balanced_accuracy", "expected"), found.foretold.balanced_accuracy)
        _add_class_scores(by_class, "expected", found.foretold.classes)
        help_text = "Standard error of the accuracy expected without labels."
        yield from gauge("model_expected_error", help_text, found.foretold.error)
    yield from (overall, by_class)


def describe_scored(found: CheckResults, labelled: FeedbackRows, least: int) -> Iterator[Metric]:
    if isinstance(found.scores, Insufficient):
        return
    rows = GaugeMetricFamily(
        "model_score_rows", "Rows behind the live scores.", labels=("version",)
    )
    for version, many in labelled.judged_versions(least).items():
        rows.add_metric((version,), many)
    yield rows


def _add_scores(
    overall: GaugeMetricFamily, by_class: GaugeMetricFamily, data: str, scores: ClassificationScores
) -> None:
    for name in SCORES:
        if (value := getattr(scores, name)) is not None:
            overall.add_metric((name, data), value)
    _add_class_scores(by_class, data, scores.classes)


def _add_class_scores(
    by_class: GaugeMetricFamily, data: str, classes: Mapping[str, ClassScores]
) -> None:
    for label, own in classes.items():
        for name in ("precision", "recall", "f1"):
            if (value := getattr(own, name)) is not None:
                by_class.add_metric((label, name, data), value)


def describe_rows(
    baseline: ReferenceWindow, window: CurrentWindow, wanted: ReportingSettings
) -> Iterator[Metric]:
    rows = GaugeMetricFamily("reporting_window_rows", "Rows behind the figures.", labels=("data",))
    rows.add_metric(("predictions",), len(window.predicted.seqs))
    rows.add_metric(("labelled",), len(window.labelled.seqs))
    rows.add_metric(("reference",), len(baseline.targets))
    yield rows
    least = GaugeMetricFamily(
        "reporting_least_rows", "Rows below which there is no figure.", labels=("data",)
    )
    least.add_metric(("predictions",), wanted.minimum_rows)
    least.add_metric(("labelled",), wanted.least_labelled)
    yield least
    if window.predicted.seqs:
        share = window.predicted.labelled / len(window.predicted.seqs)
        yield from gauge("label_coverage_share", "Share of predictions with a label.", share)
    if window.labelled.ages:
        age = median(window.labelled.ages)
        yield from gauge("label_age_seconds", "Median time from prediction to label.", age)
