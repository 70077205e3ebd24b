"""Features that know the target: each alone foretells it, on rows that it was not fitted on."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.schema import Feature

LEAST_ROWS, MOST_ROWS = 100, 2_000
FOLDS, LEAST_SCORE = 3, 0.995


def find_leaks(features: Sequence[Feature], rows: Numbers, targets: Labels) -> Iterator[str]:
    """The names of the features of which each alone foretells the target."""
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    drawn = np.random.default_rng(0).permutation(len(targets))[:MOST_ROWS]
    kept = targets[drawn]
    fewest = np.unique(kept, return_counts=True)[1].min()
    if len(kept) < LEAST_ROWS or fewest < FOLDS or len(features) < 2:
        return
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    tree = DecisionTreeClassifier(max_leaf_nodes=64, random_state=0)
    for place, feature in enumerate(features):
        column = np.nan_to_num(rows[drawn, place : place + 1], nan=-1e30).astype(np.float32)
        said = cross_val_predict(tree, column, kept, cv=folds)
        score = balanced_accuracy_score(kept, said)
        if score >= LEAST_SCORE:
            yield feature.name
