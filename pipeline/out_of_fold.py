"""What a classifier predicts for rows that it was not shown: the reference of a version.

A forest scored on the rows that it was trained on shows 1.0. So the rows of the reference are
predicted by fits on the others; or, where rows abound, kept out of the one fit that is made.
"""

import csv
import io
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, train_test_split

from pipeline.embedding import Numbers
from pipeline.knobs import TrainingSettings
from pipeline.progress import Progress
from pipeline.scores import Scores, score_predictions
from pipeline.vectors import Vectors, column_names


@dataclass(frozen=True)
class HeldOut:
    """Predictions for rows by fits that were not shown them."""

    rows: NDArray[np.int64]  # their places among the vectors
    predictions: NDArray[np.str_]
    reference: bytes  # the same with vectors and probabilities, as CSV
    scores: Scores


def fit_in_folds(
    classifier: Any, vectors: Vectors, wanted: TrainingSettings, progress: Progress
) -> tuple[Any, HeldOut]:
    """Fit on all rows; the reference comes from fits on parts of them."""
    held_out = _predict_out_of_fold(classifier, vectors, wanted, progress)
    progress("training", 0.0)
    model = clone(classifier).fit(vectors.values, vectors.targets)
    progress("training", 1.0)
    return model, held_out


def fit_once(
    classifier: Any, vectors: Vectors, wanted: TrainingSettings, progress: Progress
) -> tuple[Any, HeldOut]:
    """Of very many rows a few are kept out, so that one fit gives both model and reference."""
    progress("training", 0.0)
    kept, out = train_test_split(
        np.arange(len(vectors)),
        test_size=wanted.reference_rows,
        stratify=vectors.targets if _smallest_class(vectors) > 1 else None,
        random_state=wanted.seed,
    )
    model = clone(classifier).fit(vectors.values[kept], vectors.targets[kept])
    progress("training", 1.0)
    probabilities = model.predict_proba(vectors.values[out])
    return model, _describe(vectors, model.classes_, out, probabilities)


def _smallest_class(vectors: Vectors) -> int:
    return min(Counter(vectors.targets.tolist()).values())


def _predict_out_of_fold(
    classifier: Any, vectors: Vectors, wanted: TrainingSettings, progress: Progress
) -> HeldOut:
    classes = np.unique(vectors.targets)
    rows, probabilities = [], []
    for done, (train_rows, test_rows) in enumerate(_folds(vectors, wanted)):
        progress("out of fold", done / wanted.folds)
        model = clone(classifier).fit(vectors.values[train_rows], vectors.targets[train_rows])
        known = np.zeros((len(test_rows), len(classes)))
        known[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(
            vectors.values[test_rows]
        )
        rows.append(test_rows)
        probabilities.append(known)
    progress("out of fold", 1.0)
    order = np.concatenate(rows)
    return _describe(vectors, classes, order, np.concatenate(probabilities))


def _folds(vectors: Vectors, wanted: TrainingSettings) -> Iterator[tuple[Any, Any]]:
    """Train on the one and predict the other; a class with few rows makes the folds fewer."""
    fewest = _smallest_class(vectors)
    folds = StratifiedKFold(
        max(2, min(wanted.folds, fewest)), shuffle=True, random_state=wanted.seed
    )
    random = np.random.default_rng(wanted.seed)
    with warnings.catch_warnings():  # of a class with a single row: some folds lack it
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        parts = list(folds.split(vectors.values, vectors.targets))
    kept = random.permutation(len(vectors))[: wanted.reference_rows]
    for train_rows, test_rows in parts:
        yield train_rows, np.intersect1d(test_rows, kept)


def _describe(vectors: Vectors, classes: Any, order: Any, probabilities: Numbers) -> HeldOut:
    targets = vectors.targets[order]
    predictions = classes[probabilities.argmax(axis=1)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = [f"probability_{label}" for label in classes]
    writer.writerow([*column_names(vectors.values.shape[1]), "target", "prediction", *names])
    columns = (vectors.values[order].tolist(), targets, predictions, probabilities.tolist())
    for values, target, prediction, row in zip(*columns, strict=True):
        writer.writerow([*values, target, prediction, *row])
    scores = score_predictions(classes.tolist(), targets, predictions)
    return HeldOut(order, predictions, buffer.getvalue().encode(), scores)
