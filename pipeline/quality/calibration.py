"""How good the predictions of a window should be, told by their confidence, before labels come.

A classifier that says 90 % may be right in 84 of 100 cases; an isotonic curve over the reference,
out of sample, says which. Blind to concept drift: it believes that inputs mean what they meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.quality.isotonic import IsotonicCurve, fit_isotonic
from pipeline.quality.metrics import ClassScores, score_classes

CONFIDENCES = np.linspace(0.0, 1.0, 21)
LEAST_EXPECTED = 1.0  # rows: a label of which not one is expected has no recall
SURE = 2.0  # standard errors by which the holdout must be better than the folds to be believed
CAUTION = 0.5  # standard errors by which the errors that are expected are taken for more


@dataclass(frozen=True)
class ExpectedQuality:
    """Scores as `model_score` names them; `error` is the standard error of the accuracy."""

    accuracy: float
    balanced_accuracy: float | None
    error: float
    rows: int
    classes: Mapping[str, ClassScores] = field(default_factory=dict)


@dataclass(frozen=True)
class Calibration:
    """How often predictions of a confidence were right."""

    curve: IsotonicCurve
    rows: int
    accuracy: float
    offset: float = 0.0  # by which the classifier itself is better than those of the folds

    def right(self, probabilities: Numbers) -> Numbers:
        """Of each row, how likely its prediction is right."""
        chances: Numbers = self.curve.at(probabilities.max(axis=1))
        bounded: Numbers = np.clip(chances + self.offset, 0.0, 1.0)
        return bounded

    def wrong(self, confidences: Numbers) -> Numbers:
        """Of each row, how likely its prediction is wrong; where that is in doubt, rather likelier:
        who watches for errors must not find too many because too few were expected."""
        doubt = _standard_error(self.accuracy, self.rows)
        better = max(0.0, self.offset - SURE * doubt)
        chances = 1 - self.curve.at(confidences) - better + CAUTION * doubt
        bounded: Numbers = np.clip(chances, 0.0, 1.0)
        return bounded

    def on_grid(self) -> list[float]:
        """The curve at `CONFIDENCES`, as a manifest holds it."""
        right = np.clip(self.curve.at(CONFIDENCES) + self.offset, 0.0, 1.0)
        return [round(float(share), 4) for share in right]

    def correct(self, right: Numbers, probabilities: Numbers) -> "Calibration":
        """By rows of the holdout, of which some classifier was right or not: the one that serves.

        Out of fold a classifier learned from fewer rows, and is less sure and less right. One that
        is worse than that on the holdout has learned of a world that this does not know.
        """
        offset = float(right.mean() - self.right(probabilities).mean())
        if offset <= 0:
            return self
        return replace(self, offset=offset, rows=len(right), accuracy=float(right.mean()))

    def expect(self, probabilities: Numbers, labels: Sequence[str] = ()) -> ExpectedQuality:
        """Of predictions; of each label, too, where the labels of the columns are named."""
        right = self.right(probabilities)
        own = (right * (1 - right)).mean() / len(right)
        known = self.accuracy * (1 - self.accuracy) / self.rows
        rows, said, hits = expected_counts(probabilities, right)
        present = rows >= LEAST_EXPECTED
        recall = float((hits[present] / rows[present]).mean()) if present.any() else None
        counts = [counted[present] for counted in (rows, said, hits)]
        classes = score_classes(np.array(labels)[present].tolist(), *counts) if labels else {}
        error = sqrt(own + known)
        return ExpectedQuality(float(right.mean()), recall, error, len(right), classes)


def calibrate(probabilities: Numbers, classes: tuple[str, ...], targets: Labels) -> Calibration:
    """From rows that the classifier was not shown."""
    right = was_right(probabilities, classes, targets)
    curve = fit_isotonic(probabilities.max(axis=1), right)
    return Calibration(curve, len(targets), float(right.mean()))


def cautious(error: float, rows: int) -> float:
    """An expected rate of errors, given that it was counted on so many rows."""
    return error + CAUTION * _standard_error(error, rows)


def _standard_error(share: float, rows: int) -> float:
    return sqrt(max(share * (1 - share), 0.0) / max(rows, 1))


def was_right(probabilities: Numbers, classes: tuple[str, ...], targets: Labels) -> Numbers:
    said: Labels = np.array(classes)[probabilities.argmax(axis=1)]
    right: Numbers = (said == targets).astype(np.float64)
    return right


def expected_counts(probabilities: Numbers, right: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Of each label how many rows are likely to have it, how many are predicted so, and how many of
    these rightly.

    A row's other labels share what its prediction leaves, as the classifier divides it.
    """
    predicted = probabilities.argmax(axis=1)
    rows = np.arange(len(predicted))
    others = probabilities.copy()
    others[rows, predicted] = 0.0
    rest = others.sum(axis=1, keepdims=True)
    shares = np.divide(others, rest, out=np.zeros_like(others), where=rest > 0)
    likely = shares * (1 - right)[:, None]
    likely[rows, predicted] = right
    width = likely.shape[1]
    said: Numbers = np.bincount(predicted, minlength=width).astype(np.float64)
    hits: Numbers = np.bincount(predicted, weights=right, minlength=width).astype(np.float64)
    return likely.sum(axis=0), said, hits
