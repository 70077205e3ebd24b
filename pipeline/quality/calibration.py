"""How good the predictions of a window should be, told by their confidence, before labels come.

A classifier that says 90 % may be right in 84 of 100 cases; an isotonic curve over the reference,
out of sample, says which. Blind to concept drift: it believes that inputs mean what they meant.
"""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.quality.isotonic import IsotonicCurve, fit_isotonic

CONFIDENCES = np.linspace(0.0, 1.0, 21)
SURE = 2.0  # standard errors by which the holdout must be better than the folds to be believed
CAUTION = 0.5  # standard errors by which the errors that are expected are taken for more


@dataclass(frozen=True)
class ExpectedQuality:
    """Scores as `model_score` names them; `error` is the standard error of the accuracy."""

    accuracy: float
    balanced_accuracy: float | None
    error: float
    rows: int


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

    def expect(self, probabilities: Numbers) -> ExpectedQuality:
        right = self.right(probabilities)
        own = (right * (1 - right)).mean() / len(right)
        known = self.accuracy * (1 - self.accuracy) / self.rows
        balanced = expected_recall(probabilities, right)
        return ExpectedQuality(float(right.mean()), balanced, sqrt(own + known), len(right))


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


def expected_recall(probabilities: Numbers, right: Numbers) -> float | None:
    """The mean over the labels of how many of their rows are predicted so.

    A row's other labels share what its prediction leaves, as the classifier divides it.
    """
    said = probabilities.argmax(axis=1)
    rows = np.arange(len(said))
    others = probabilities.copy()
    others[rows, said] = 0.0
    rest = others.sum(axis=1, keepdims=True)
    shares = np.divide(others, rest, out=np.zeros_like(others), where=rest > 0)
    likely = shares * (1 - right)[:, None]
    likely[rows, said] = right
    hits = np.bincount(said, weights=right, minlength=likely.shape[1])
    total = likely.sum(axis=0)
    present = total >= 1.0  # a label of which not one row is expected has no recall
    return float((hits[present] / total[present]).mean()) if present.any() else None
