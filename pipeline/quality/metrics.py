"""How good predictions are: the scores in a manifest, a decision and a table.

Counted here, for who watches a model needs nothing else of scikit-learn, which takes 90 MB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Indices, Labels, Numbers

Score = float | None  # None: it cannot be computed, as the precision of a label never predicted


@dataclass(frozen=True)
class ClassScores:
    precision: Score
    recall: Score
    f1: Score
    rows: int


@dataclass(frozen=True)
class ClassificationScores:
    """Precision, recall and F1 are means over the classes that have rows, each the same."""

    rows: int
    accuracy: float
    balanced_accuracy: Score
    precision: Score
    recall: Score
    f1: Score
    classes: dict[str, ClassScores]


def score_predictions(
    labels: Sequence[str], targets: Labels, predictions: Labels
) -> ClassificationScores:
    """Score some predictions against their true targets."""
    of_label = [(targets == label, predictions == label) for label in labels]
    rows, said, right = (
        np.array(counts, dtype=np.int64)
        for counts in (
            [target.sum() for target, _ in of_label],
            [prediction.sum() for _, prediction in of_label],
            [(target & prediction).sum() for target, prediction in of_label],
        )
    )
    scores = _share_counts(rows, said, right)
    precision, recall, f1 = (_known_mean(score[rows > 0]) for score in scores)
    accuracy = float(np.mean(targets == predictions))
    classes = score_classes(labels, rows, said, right)
    return ClassificationScores(len(targets), accuracy, recall, precision, recall, f1, classes)


def score_classes(
    labels: Sequence[str],
    rows: Numbers | Indices,
    said: Numbers | Indices,
    right: Numbers | Indices,
) -> dict[str, ClassScores]:
    """By how many rows each label has, how many are predicted so, and how many of these rightly."""
    return {
        label: ClassScores(_known(precision), _known(recall), _known(f1), round(float(count)))
        for label, count, precision, recall, f1 in zip(
            labels, rows, *_share_counts(rows, said, right), strict=True
        )
    }


def _share_counts(
    rows: Numbers | Indices, said: Numbers | Indices, right: Numbers | Indices
) -> tuple[Numbers, Numbers, Numbers]:
    """Precision, recall and F1."""
    return _share(right, said), _share(right, rows), _share(2 * right, rows + said)


def _share(part: Numbers | Indices, whole: Numbers | Indices) -> Numbers:
    """NaN where there is nothing to divide by."""
    shares: Numbers = np.full(len(part), np.nan)
    return np.divide(part, whole, out=shares, where=whole > 0)


def _known(value: float) -> Score:
    return None if np.isnan(value) else float(value)


def _known_mean(values: Numbers) -> Score:
    """The mean over the classes for which there is a number."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
