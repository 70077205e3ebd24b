"""Which predictions to check next: those that teach the model most, spread over what there is.

A share is drawn at random, so that the quality of the checked rows can be estimated without bias.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from pipeline.arrays import Indices, Numbers

Strategy = Literal["mixed", "unsure", "unusual", "disagreement", "random"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
RANDOM_SHARE = 0.1  # of the mixed strategy
TRIED = 4  # times as many as are wanted are looked at, to spread the choice over them


@dataclass(frozen=True)
class Pool:
    """Predictions without an answer, the newest first."""

    ids: Sequence[str]
    vectors: Numbers
    probabilities: Numbers  # of the same labels for all
    residuals: Numbers
    others: Numbers | None = None  # the probabilities by the version before

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Choice:
    place: int
    why: str


def choose(pool: Pool, count: int, strategy: Strategy, random: np.random.Generator) -> list[Choice]:
    """The rows to look at, the most worth it first."""
    count = min(count, len(pool))
    if strategy == "random":
        return [Choice(place, "random") for place in random.permutation(len(pool))[:count].tolist()]
    wanted = count if strategy != "mixed" else count - round(count * RANDOM_SHARE)
    scores, why = _score(pool, strategy)
    chosen = _spread(pool, scores, wanted)
    picked = [Choice(place, why) for place in chosen]
    left = np.setdiff1d(np.arange(len(pool)), chosen)
    more = random.permutation(left)[: count - len(picked)].tolist()
    return [*picked, *(Choice(place, "random") for place in more)]


def _score(pool: Pool, strategy: Strategy) -> tuple[Numbers, str]:
    """How much is learned from each row; the largest is the most worth it."""
    if strategy == "unusual":
        return pool.residuals, "unusual"
    if strategy == "disagreement" and pool.others is not None:
        away: Numbers = np.abs(pool.others - pool.probabilities).sum(axis=1)
        return away, "disagreement"
    two = -np.sort(-pool.probabilities, axis=1)[:, :2]
    lead: Numbers = two[:, 0] - two[:, 1] if two.shape[1] == 2 else two[:, 0]
    return -lead, "unsure"


def _spread(pool: Pool, scores: Numbers, count: int) -> Indices:
    """Of the best ones those that are far from each other: look-alikes teach the same."""
    best = np.argsort(-scores, kind="stable")[: TRIED * count]
    if count == 0 or len(best) <= count:
        return best[:count]
    spread = pool.vectors.std(axis=0)
    vectors = pool.vectors[best] / np.where(spread > 0, spread, 1.0)
    chosen = [0]
    nearest = np.full(len(best), np.inf)
    weights = np.linspace(1.0, 0.5, len(best))  # the less worth it, the farther it must be
    while len(chosen) < count:
        away = vectors - vectors[chosen[-1]]
        nearest = np.minimum(nearest, np.sqrt((away * away).sum(axis=1)))
        nearest[chosen] = -1.0  # also where all the others are the same as these
        chosen.append(int(np.argmax(nearest * weights)))
    picked: Indices = best[chosen]
    return picked
