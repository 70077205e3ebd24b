"""What each original feature contributed to one prediction: Shapley values of the whole pipeline.

The features of a row of the holdout are replaced one after the other, in a random order, by those
of the observation; what the probability of the label gains at each is the feature's contribution.
The same is done in the opposite order, which cancels much of the chance, and for many rows of the
holdout. The contributions add up to the probability less the mean probability of those rows.
"""

import time
from dataclasses import dataclass

import numpy as np

from pipeline.embedding import Embedding, Numbers
from pipeline.grouping import Group, group_features
from pipeline.scorer import Scorer

MOST_GROUPS = 400
LEAST_ROWS, MOST_ROWS = 10, 100
ROUNDS = 3  # each of them with other orders
MOST_BYTES = 64_000_000  # of the shares of all groups


@dataclass(frozen=True)
class Explanation:
    """Baseline and contributions add up to the probability of the label."""

    baseline: float
    probability: float
    rows: int
    groups: list[Group]
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
    affordable = MOST_BYTES // (8 * len(groups) * embedding.width)
    background = background[: max(LEAST_ROWS, min(MOST_ROWS, affordable))]
    starts, _ = embedding.embed(background)
    (end,), _ = embedding.embed(row[None])
    steps = np.stack([_steps(embedding, background, row, group) for group in groups], axis=1)
    place, random = scorer.labels.index(label), np.random.default_rng(0)
    gained, probabilities = np.zeros(len(groups)), []
    deadline = time.monotonic() + seconds
    for walk in range(ROUNDS * len(background)):
        if walk >= LEAST_ROWS and time.monotonic() > deadline:
            break
        start, step = starts[walk % len(background)], steps[walk % len(background)]
        order = random.permutation(len(groups))
        paths = np.concatenate([_walk(start, end, step[o]) for o in (order, order[::-1])])
        found = scorer.score(paths)[1][:, place].reshape(2, -1)
        gained[order] += np.diff(found[0])
        gained[order[::-1]] += np.diff(found[1])
        probabilities.append(found[0, [0, -1]])
    baseline, probability = np.mean(probabilities, axis=0).tolist()
    rows = min(len(probabilities), len(background))
    return Explanation(baseline, probability, rows, groups, gained / (2 * len(probabilities)))


def _steps(embedding: Embedding, background: Numbers, row: Numbers, group: Group) -> Numbers:
    """How far each background row's vector moves when it takes the group's features of the row."""
    return embedding.share(row[None], group.places) - embedding.share(background, group.places)


def _walk(start: Numbers, end: Numbers, steps: Numbers) -> Numbers:
    """The vectors on the way, from the very first to the very last without an error of rounding."""
    path = np.vstack([start, start + np.cumsum(steps, axis=0)])
    path[-1] = end
    return path
