"""How good predictions are: the scores in a manifest, a decision and a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from pipeline.arrays import Labels, Numbers

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
    columns = precision_recall_fscore_support(
        targets, predictions, labels=list(labels), zero_division=np.nan
    )
    classes = {
        label: ClassScores(_known(precision), _known(recall), _known(f1), int(rows))
        for label, precision, recall, f1, rows in zip(labels, *columns, strict=True)
    }
    present = columns[3] > 0
    precision, recall, f1 = (_known_mean(column[present]) for column in columns[:3])
    accuracy = float(accuracy_score(targets, predictions))
    return ClassificationScores(len(targets), accuracy, recall, precision, recall, f1, classes)


def _known(value: float) -> Score:
    return None if np.isnan(value) else float(value)


def _known_mean(values: Numbers) -> Score:
    """The mean over the classes for which there is a number."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
