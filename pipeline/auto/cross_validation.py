"""How well a classifier predicts rows that it was not shown: what `auto` decides by."""

from collections.abc import Mapping

import numpy as np
from sklearn.model_selection import RepeatedStratifiedKFold

from pipeline.arrays import Indices, Labels, Numbers
from pipeline.model.classifier import fit_each, make_classifier
from pipeline.setting_tables import TrainingSettings

FOLDS = 3
MOST_ROWS = 5_000  # of a larger table so many are drawn
ENOUGH_ROWS, MOST_REPEATS = 1_000, 5  # a smaller table is divided into folds several times


def pick_rows(targets: Labels, seed: int) -> Indices:
    """The rows of a trial, without labels that are too rare to stand in each fold."""
    _, codes, rows = np.unique(targets, return_inverse=True, return_counts=True)
    usable = np.flatnonzero((rows >= FOLDS)[codes])
    if len(np.unique(codes[usable])) < 2:
        usable = np.arange(len(codes))
    return np.random.default_rng(seed).permutation(usable)[:MOST_ROWS]


def describe(scores: Mapping[str, float], taken: str) -> str:
    """'features 95.6 %, PCA 84.4 %: features'."""
    shown = ", ".join(f"{name} {100 * score:.1f} %" for name, score in scores.items())
    return f"{shown}: {taken}" if shown else taken


def out_of_sample_accuracy(vectors: Numbers, targets: Labels, wanted: TrainingSettings) -> float:
    """The share of rows that fits on the other folds predict right; few rows are asked again."""
    classifier, right = make_classifier(wanted, targets), []
    fewest = int(np.unique(targets, return_counts=True)[1].min())
    repeats = min(MOST_REPEATS, 1 + ENOUGH_ROWS // len(targets))
    folds = RepeatedStratifiedKFold(
        n_splits=max(2, min(FOLDS, fewest)), n_repeats=repeats, random_state=wanted.seed
    )
    parts = list(folds.split(vectors, targets))
    models = fit_each(classifier, ((vectors[at], targets[at]) for at, _ in parts), wanted)
    for model, (_, held_out) in zip(models, parts, strict=True):
        right.append(model.predict(vectors[held_out]) == targets[held_out])
    return float(np.concatenate(right).mean())
