"""What a classifier predicts for rows that it was not shown: the reference of a version.

A forest scored on the rows that it was trained on shows 1.0. Each of its trees was shown a part of
the rows only, so the other trees predict a row: that costs no further fit. Other classifiers
predict each fold by a fit on the rest.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from pipeline.arrays import Indices, Labels, Numbers
from pipeline.embedding.vectors import LabelledVectors, cells_of, csv_header, join_cells, quoted
from pipeline.model.classifier import Model, fit, fit_each, is_forest
from pipeline.progress import Progress
from pipeline.quality.metrics import ClassificationScores, score_predictions
from pipeline.setting_tables import TrainingSettings

LEAST_TREES = 25  # of these about nine were not shown a row; with fewer, folds predict it


@dataclass(frozen=True)
class OutOfSample:
    """Predictions for rows by fits that were not shown them."""

    rows: Indices  # their places among the vectors
    predictions: Labels
    probabilities: Numbers
    targets: Labels
    reference: bytes  # all that with the vectors, as CSV
    scores: ClassificationScores


def fit_and_predict(
    classifier: Any, vectors: LabelledVectors, wanted: TrainingSettings, progress: Progress
) -> tuple[Model, OutOfSample]:
    """Fit on all rows, and predict up to `reference_rows` of them out of sample."""
    sampled = np.random.default_rng(wanted.seed).permutation(len(vectors))[: wanted.reference_rows]
    parameters = classifier.get_params()
    bagged = is_forest(classifier) and parameters["bootstrap"]
    if bagged and parameters["n_estimators"] >= LEAST_TREES:
        progress("training", 0.0)
        model = fit(classifier, vectors.values, vectors.targets, wanted)
        rows, probabilities = _predict_out_of_bag(model, vectors.values, sampled)
    else:
        rows, probabilities = _predict_out_of_fold(classifier, vectors, sampled, wanted, progress)
        progress("training", 0.0)
        model = fit(classifier, vectors.values, vectors.targets, wanted)
    progress("training", 1.0)
    return model, describe_predictions(vectors, model.classes_, rows, probabilities)


def _predict_out_of_bag(model: Model, values: Numbers, sampled: Indices) -> tuple[Indices, Numbers]:
    """The mean of the trees that were not shown a row."""
    forest = model.estimator
    narrow = values[sampled].astype(np.float32)
    votes, voters = np.zeros((len(sampled), len(model.classes_))), np.zeros(len(sampled))
    for tree, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        shown = np.zeros(len(values), dtype=np.bool_)
        shown[drawn] = True
        unseen = np.flatnonzero(~shown[sampled])
        votes[unseen] += tree.predict_proba(narrow[unseen], check_input=False)
        voters[unseen] += 1
    voted = voters > 0
    return sampled[voted], votes[voted] / voters[voted, None]


def _predict_out_of_fold(
    classifier: Any,
    vectors: LabelledVectors,
    sampled: Indices,
    wanted: TrainingSettings,
    progress: Progress,
) -> tuple[Indices, Numbers]:
    classes = np.unique(vectors.targets)
    rows, probabilities = [], []
    folds = list(_folds(vectors, sampled, wanted))
    parts = ((vectors.values[shown], vectors.targets[shown]) for shown, _ in folds)
    progress("out of fold", 0.0)
    models = fit_each(classifier, parts, wanted)
    for done, (model, (_, test_rows)) in enumerate(zip(models, folds, strict=True), start=1):
        progress("out of fold", done / len(folds))
        shares = np.zeros((len(test_rows), len(classes)))
        shares[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(
            vectors.values[test_rows]
        )
        rows.append(test_rows)
        probabilities.append(shares)
    return np.concatenate(rows), np.concatenate(probabilities)


def _folds(
    vectors: LabelledVectors, sampled: Indices, wanted: TrainingSettings
) -> Iterator[tuple[Indices, Indices]]:
    """Train on the one and predict the other; a class with few rows makes the folds fewer."""
    fewest = min(Counter(vectors.targets.tolist()).values())
    folds = StratifiedKFold(
        max(2, min(wanted.folds, fewest)), shuffle=True, random_state=wanted.seed
    )
    with warnings.catch_warnings():  # of a class with a single row: some folds lack it
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        parts = list(folds.split(vectors.values, vectors.targets))
    for train_rows, test_rows in parts:
        yield train_rows, np.intersect1d(test_rows, sampled)


def describe_predictions(
    vectors: LabelledVectors, classes: Labels, rows: Indices, given: Numbers
) -> OutOfSample:
    """Probabilities for rows at some places, which whoever gave them was not shown."""
    targets = vectors.targets[rows]
    predictions = classes[given.argmax(axis=1)]
    names = [f"probability_{label}" for label in classes]
    lines = [
        csv_header(vectors.columns, "target", "prediction", *names),
        *join_cells(
            cells_of(vectors.values[rows]), quoted(targets), quoted(predictions), cells_of(given)
        ),
    ]
    scores = score_predictions(classes.tolist(), targets, predictions)
    return OutOfSample(rows, predictions, given, targets, b"\n".join([*lines, b""]), scores)
