"""How well a classifier predicts rows that it was not shown: what `auto` decides by."""

import numpy as np
from sklearn.model_selection import StratifiedKFold

from pipeline.classifier import Labels, fit, make_classifier
from pipeline.embedding import Numbers, Places
from pipeline.knobs import TrainingSettings

FOLDS = 3
MOST_ROWS = 5_000  # of a larger table so many are drawn


def pick_rows(targets: Labels, seed: int) -> Places:
    """The rows of a trial, without labels that are too rare to stand in each fold."""
    _, codes, rows = np.unique(targets, return_inverse=True, return_counts=True)
    usable = np.flatnonzero((rows >= FOLDS)[codes])
    if len(np.unique(codes[usable])) < 2:
        usable = np.arange(len(codes))
    return np.random.default_rng(seed).permutation(usable)[:MOST_ROWS]


def out_of_sample_accuracy(vectors: Numbers, targets: Labels, wanted: TrainingSettings) -> float:
    """The share of rows that fits on the other folds predict right."""
    classifier, right = make_classifier(wanted, targets), 0
    fewest = int(np.unique(targets, return_counts=True)[1].min())
    folds = StratifiedKFold(max(2, min(FOLDS, fewest)), shuffle=True, random_state=wanted.seed)
    for shown, held_out in folds.split(vectors, targets):
        model = fit(classifier, vectors[shown], targets[shown])
        right += int((model.predict(vectors[held_out]) == targets[held_out]).sum())
    return right / len(targets)
