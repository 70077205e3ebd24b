"""Tells which kind of change it is: damaged data, covariate shift, target drift or concept drift.

Each needs another action: mend the sender, retrain, or label recent rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.holdout_sample import HoldoutSample
from pipeline.quality.calibration import ExpectedQuality
from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import MOST_NAMED, DatasetDrift, compare
from reporting.drift.error_drift import ConceptDrift
from reporting.drift.policy import ColumnResult, Rule
from reporting.drift.reference_columns import FamilyReference, make_family
from reporting.insufficient import Insufficient

Kind = Literal["none", "damage", "concept", "target", "covariate"]
DAMAGES = ("missing", "binomial", "constant", "correlation")
LEAST_RATIO = 1e-6
BEYOND = 2.58  # standard errors by which errors must exceed what confidence predicts
TITLES: dict[Kind, str] = {
    "none": "Nothing changed",
    "damage": "Damaged data",
    "concept": "Concept drift",
    "target": "Target drift",
    "covariate": "Covariate shift",
}
ADVICE: dict[Kind, str] = {
    "none": "Nothing is to be done.",
    "damage": "Mend what sends the data; a retraining would learn the damage.",
    "concept": "Label recent rows: the next retraining learns what inputs mean now.",
    "target": "Nothing is broken: the next retraining learns the new shares.",
    "covariate": "Label some of these rows, so that the next retraining knows them.",
}


@dataclass(frozen=True)
class Diagnosis:
    kind: Kind
    evidence: str
    advice: str


@dataclass(frozen=True)
class LabelShift:
    """What the changed shares of labels explain by themselves."""

    inputs: bool  # the reference, resampled with these shares, has the features of the window
    answers: bool  # the predicted probabilities moved with the labels
    error: float  # the error rate of the reference with these shares


def diagnose(
    drift: DatasetDrift | Insufficient,
    target: LabelDrift | Insufficient,
    errors: ConceptDrift | Insufficient,
    foretold: ExpectedQuality | Insufficient,
    shift: LabelShift | None,
) -> Diagnosis:
    """`shift` is given if the shares of labels drifted."""
    moved = drift.found if isinstance(drift, DatasetDrift) else ()
    if moved and is_damage(moved[0]):
        return _say("damage", _name(moved))
    expected = 1 - foretold.accuracy if isinstance(foretold, ExpectedQuality) else 0.0
    uncertain = foretold.error if isinstance(foretold, ExpectedQuality) else 0.0
    if shift is not None and shift.answers:
        expected = max(expected, shift.error)
    if isinstance(errors, ConceptDrift) and _are_beyond(errors, expected, uncertain):
        return _say(
            "concept",
            f"{errors.estimate:.0%} of predictions are wrong, "
            f"{max(expected, errors.expected):.0%} were expected",
        )
    if shift is not None and isinstance(target, LabelDrift):
        labels = f"'{target.label}' {target.change * 100:+.0f} points"
        if not moved and not shift.answers:
            return _say("concept", f"{labels}, of inputs as ever")
        if not moved or shift.inputs:
            return _say("target", labels)
    if moved:
        return _say("covariate", _name(moved))
    return _say("none", "nothing moved")


def is_damage(column: ColumnResult) -> bool:
    return column.method in DAMAGES or "units" in column.change


def _name(columns: Sequence[ColumnResult]) -> str:
    return "; ".join(f"`{column.name}` {column.words}" for column in columns[:MOST_NAMED])


def _are_beyond(errors: ConceptDrift, foretold: float, uncertain: float) -> bool:
    """Whether errors exceed what the confidence of the model predicts.

    Covariate shift makes errors too, but of those the model is less sure.
    """
    if not errors.detected:
        return False
    own = errors.estimate * (1 - errors.estimate) / max(errors.judged, 1)
    gap = errors.estimate - max(foretold, errors.expected)
    return gap > BEYOND * sqrt(own + uncertain**2)


def error_by_shares(targets: Labels, predictions: Labels, window: Labels) -> float:
    """The error rate that the reference would have with the label shares of the window."""
    wrong = targets != predictions
    rates = {label: float(wrong[targets == label].mean()) for label in np.unique(targets)}
    known = [rates[label] for label in window.tolist() if label in rates]
    return float(np.mean(known)) if known else 0.0


def follow_labels(
    known: Numbers, targets: Labels, classes: Sequence[str], window: Numbers, labels: Labels
) -> bool:
    """Whether the probabilities in the window moved with its labels, or stayed as in the reference.

    If a label becomes more frequent, so do rows that look like it, and its probability rises. If
    the same rows only get another label, the probabilities stay. They are out of sample, one column
    for each class.
    """
    before, now = (np.array([(s == name).mean() for name in classes]) for s in (targets, labels))
    ratio = np.divide(now, before, out=np.ones_like(now), where=before > 0)

    def likelihood(probabilities: Numbers) -> Numbers:
        logged: Numbers = np.log(np.maximum(probabilities @ ratio, LEAST_RATIO))
        return logged

    usual = likelihood(known)
    weights = np.array([targets == name for name in classes]).T @ ratio
    if not weights.any():  # the model knows none of the labels
        return False
    moved, stayed = np.average(usual, weights=weights), usual.mean()
    found = likelihood(window).mean()
    return bool(abs(found - moved) < abs(found - stayed))


def explains_inputs(
    family: FamilyReference,
    watched: HoldoutSample,
    window: Numbers,
    targets: Labels,
    rule: Rule,
) -> bool:
    """Whether the reference, resampled with the window's label shares, has its features."""
    labels, codes = np.unique(watched.targets, return_inverse=True)
    now = np.array([(targets == label).mean() for label in labels])
    weights = (now / np.bincount(codes) * len(codes))[codes]
    if not weights.sum():
        return False
    rows = len(weights)
    drawn = np.random.default_rng(0).choice(rows, rows, p=weights / weights.sum())
    places = [place for place, name in enumerate(family.names) if name in family.columns]
    features = [family.columns[family.names[place]].feature for place in places]
    values = watched.values[drawn][:, places]
    other = make_family("features", features, values, rule.minimum_rows)
    result = compare([other], {"features": window[:, places]}, rule)
    return isinstance(result, DatasetDrift) and not result.drifted


def _say(kind: Kind, evidence: str) -> Diagnosis:
    return Diagnosis(kind, evidence, ADVICE[kind])
