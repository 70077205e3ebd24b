"""What the latest rows say against the live version's reference: one look, no memory.

A pass makes figures of it, a report draws it, so that both say the same.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.schema import Schema
from pipeline.data.watched_features import watched_features
from pipeline.quality.calibration import ExpectedQuality
from pipeline.quality.metrics import ClassificationScores, score_predictions
from pipeline.setting_tables import ReportingSettings
from reporting.drift.categorical_tests import LabelDrift, count_labels, detect_label_drift
from reporting.drift.dataset_drift import DatasetDrift, compare
from reporting.drift.diagnosis import (
    Diagnosis,
    LabelShift,
    diagnose,
    error_by_shares,
    explains_inputs,
    follow_labels,
)
from reporting.drift.error_drift import ConceptDrift
from reporting.drift.policy import Family, Rule
from reporting.insufficient import Insufficient, too_few
from reporting.windows.current_window import CurrentWindow, PredictionRows
from reporting.windows.reference_window import ReferenceWindow
from reporting.windows.window_quality import Quality, measure_quality


@dataclass(frozen=True)
class CheckResults:
    drift: DatasetDrift | Insufficient
    target: LabelDrift | Insufficient
    prediction: LabelDrift | Insufficient
    quality: Quality | Insufficient
    scores: ClassificationScores | Insufficient  # on live feedback
    expected: ClassificationScores  # on the reference, out of fold
    foretold: ExpectedQuality | Insufficient  # of the window, without labels


def find(
    baseline: ReferenceWindow, window: CurrentWindow, wanted: ReportingSettings
) -> CheckResults:
    labelled, least = window.labelled, wanted.minimum_rows
    few = too_few(len(labelled.targets), wanted.least_labelled, "labelled rows")
    return CheckResults(
        compare(baseline.families, values_of(window.predicted), rule_of(wanted)),
        _compare_labels(baseline.targets, labelled.targets, least),
        _compare_labels(baseline.predictions, window.predicted.predictions, least),
        measure(baseline.schema, window.predicted, least),
        few or _score(baseline, *labelled.judged(wanted.least_labelled)),
        _score(baseline, baseline.targets, baseline.predictions),
        foretell(baseline, window.predicted, least),
    )


def diagnose_window(
    baseline: ReferenceWindow,
    window: CurrentWindow,
    found: CheckResults,
    errors: ConceptDrift | Insufficient,
    wanted: ReportingSettings,
) -> Diagnosis:
    return diagnose(
        found.drift, found.target, errors, found.foretold, _shift(baseline, window, found, wanted)
    )


def _shift(
    baseline: ReferenceWindow, window: CurrentWindow, found: CheckResults, wanted: ReportingSettings
) -> LabelShift | None:
    """What other shares of labels explain, if there are any."""
    if not isinstance(found.target, LabelDrift) or not found.target.drifted:
        return None
    targets = window.labelled.targets
    error = error_by_shares(baseline.targets, baseline.predictions, targets)
    said = _probabilities(baseline, window.predicted)
    known = (baseline.probabilities, baseline.targets, baseline.classes)
    answers = not len(said) or follow_labels(*known, said, targets)
    features = [family for family in baseline.families if family.family == "features"]
    if baseline.watched is None or isinstance(found.drift, Insufficient):
        return LabelShift(False, answers, error)
    kind = (features[0], baseline.watched, window.predicted.features, targets)
    return LabelShift(explains_inputs(*kind, rule_of(wanted)), answers, error)


def rule_of(wanted: ReportingSettings) -> Rule:
    return Rule(wanted.false_alarms_per_year, wanted.every_seconds, wanted.minimum_rows)


def values_of(rows: PredictionRows) -> dict[Family, Numbers]:
    """The values that drift is looked for in, by family."""
    if not rows.seqs:
        return {}
    return {"features": rows.features, "pca": rows.vectors, "residual": rows.residuals[:, None]}


def columns_of(baseline: ReferenceWindow, rows: PredictionRows) -> dict[str, Numbers]:
    """The numbers of the vectors, and the residual, by name."""
    if not rows.seqs:
        return {}
    values = (*rows.vectors.T, rows.residuals)  # no residual where the baseline has none
    return dict(zip(baseline.columns, values, strict=False))


def foretell(
    baseline: ReferenceWindow, rows: PredictionRows, minimum_rows: int
) -> ExpectedQuality | Insufficient:
    known = _probabilities(baseline, rows)
    few = too_few(len(known), minimum_rows, "predictions in the window")
    return few or baseline.calibration.expect(known, baseline.classes)


def _probabilities(baseline: ReferenceWindow, rows: PredictionRows) -> Numbers:
    """Of predictions with the labels of the live version, whichever version made them."""
    width = len(baseline.classes)
    return np.array([row for row in rows.probabilities if len(row) == width])


def measure(schema: Schema, rows: PredictionRows, minimum_rows: int) -> Quality | Insufficient:
    few = too_few(len(rows.seqs), minimum_rows, "rows in the window")
    if few:
        return few
    return measure_quality(watched_features(schema), rows.features)


def _compare_labels(reference: Labels, window: Labels, least: int) -> LabelDrift | Insufficient:
    return detect_label_drift(count_labels(reference), count_labels(window), minimum_rows=least)


def _score(baseline: ReferenceWindow, targets: Labels, predictions: Labels) -> ClassificationScores:
    return score_predictions(baseline.schema.labels, targets, predictions)
