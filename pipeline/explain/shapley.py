"""What each original feature contributed to one prediction: Shapley values of the whole pipeline.

The features of a row of the holdout are replaced one after the other, in a random order, by those
of the observation; what the probability of the label gains at each is the feature's contribution.
The same is done in the opposite order, which cancels much of the chance, and for many rows of the
holdout. The contributions add up to the probability less the mean probability of those rows.
"""

import time
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Numbers
from pipeline.embedding.embedding import Embedding
from pipeline.explain.feature_groups import FeatureGroup, group_features
from pipeline.model.scorer import Scorer

MOST_GROUPS = 400
LEAST_ROWS, MOST_ROWS = 10, 100
ROUNDS = 3  # each of them with other orders


@dataclass(frozen=True)
class Explanation:
    """Baseline and contributions add up to the probability of the label."""

    baseline: float
    probability: float
    rows: int
    groups: list[FeatureGroup]
    contributions: Numbers


def explain(
    embedding: Embedding,
    scorer: Scorer,
    background: Numbers,
    row: Numbers,
    label: str,
    seconds: float = 5.0,
) -> Explanation:
    """Explain the probability of a label by as many background rows as the time allows."""
    groups = group_features(embedding, MOST_GROUPS)
    places = [group.places for group in groups]
    background = background[:MOST_ROWS]
    label_place, random = scorer.labels.index(label), np.random.default_rng(0)
    gained, probabilities = np.zeros(len(groups)), []
    deadline = time.monotonic() + seconds
    for walk in range(ROUNDS * len(background)):
        if walk >= LEAST_ROWS and time.monotonic() > deadline:
            break
        order = random.permutation(len(groups))
        orders = (order, order[::-1])
        paths = embedding.paths(background[walk % len(background)], row, places, orders)
        found = scorer.score(np.concatenate(paths))[1][:, label_place].reshape(2, -1)
        for order, on_path in zip(orders, found, strict=True):
            gained[order] += np.diff(on_path)
        probabilities.append(found[0, [0, -1]])
    baseline, probability = np.mean(probabilities, axis=0).tolist()
    rows = min(len(probabilities), len(background))
    return Explanation(baseline, probability, rows, groups, gained / (2 * len(probabilities)))
