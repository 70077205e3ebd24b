"""Features that know the target: each alone foretells it, on rows whose labels it was not shown."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Indices, Labels, Numbers
from pipeline.data.schema import Feature

LEAST_ROWS, MOST_ROWS = 100, 2_000
FOLDS, LEAST_SCORE = 3, 0.995


def find_leaks(features: Sequence[Feature], rows: Numbers, targets: Labels) -> Iterator[str]:
    """The names of the features of which each alone foretells the target."""
    drawn = np.random.default_rng(0).permutation(len(targets))[:MOST_ROWS]
    _, kept, counts = np.unique(targets[drawn], return_inverse=True, return_counts=True)
    if len(kept) < LEAST_ROWS or counts.min() < FOLDS or len(features) < 2:
        return
    folds = _deal(kept)
    for place, feature in enumerate(features):
        column = np.nan_to_num(rows[drawn, place], nan=-1e30)
        said = np.empty_like(kept)
        for fold in range(FOLDS):
            held = folds == fold
            said[held] = _say(column[~held], kept[~held], column[held])
        recalls = np.bincount(kept, said == kept) / counts
        if recalls.mean() >= LEAST_SCORE:
            yield feature.name


def _deal(kept: Indices) -> Indices:
    """A fold for each row: those of a label are dealt out in turn."""
    folds = np.empty(len(kept), dtype=np.int64)
    folds[np.argsort(kept, kind="stable")] = np.arange(len(kept)) % FOLDS
    return folds


def _say(known: Numbers, labels: Indices, asked: Numbers) -> Indices:
    """The commonest label of the rows with the same value, or with the nearest that is known."""
    values, of_value = np.unique(known, return_inverse=True)
    votes = np.zeros((len(values), labels.max() + 1))
    np.add.at(votes, (of_value, labels), 1)
    above = np.searchsorted(values, asked).clip(max=len(values) - 1)
    below = np.maximum(above - 1, 0)
    nearest = np.where(asked - values[below] <= values[above] - asked, below, above)
    said: Indices = votes.argmax(axis=1)[nearest]
    return said
