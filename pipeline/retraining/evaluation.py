"""Compares two versions by their predictions for the same rows.

A sign test tells whether one is right more often. A version that learned from wrong labels is often
still right, but less sure. Its probabilities show that, by their Brier score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, erfc, sqrt

import numpy as np

from pipeline.arrays import Labels, Numbers

LEAST_ROWS = 30  # to test the mean difference of two Brier scores
LEAST_APART = 0.02  # between two Brier scores; of two good ones a tenth would be too little


@dataclass(frozen=True)
class Pairing:
    """Some rows, and what a challenger and the live version predict for them.

    `live` is None when there is no version to compare with. `squared` holds the squared errors of
    their probabilities, if those are known.
    """

    targets: Labels
    challenger: Labels
    live: Labels | None
    squared: tuple[Numbers, Numbers] | None = None  # of the challenger, of live

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def gained(self) -> int:
        """Rows on which the challenger alone is right."""
        return self._count(self.challenger, self.live)

    @cached_property
    def lost(self) -> int:
        """Rows on which the live version alone is right."""
        return self._count(self.live, self.challenger)

    def _count(self, first: Labels | None, second: Labels | None) -> int:
        if first is None or second is None:
            return 0
        return int(((first == self.targets) & (second != self.targets)).sum())

    def is_worse(self, level: float) -> bool:
        """Whether the challenger loses more rows than chance explains (one-sided sign test)."""
        return sign_test(self.lost, self.gained) < level

    @property
    def brier(self) -> tuple[float, float]:
        """The scores of the challenger and of live: the lower the better."""
        mine, theirs = self.squared or (np.zeros(1), np.zeros(1))
        return float(mine.mean()), float(theirs.mean())

    def is_further_off(self, level: float, least: float) -> bool:
        """Whether the challenger's Brier score is worse by the share `least`, beyond chance."""
        if self.squared is None or len(self) < LEAST_ROWS:
            return False
        mine, theirs = self.brier
        more = self.squared[0] - self.squared[1]
        error = max(float(more.std()) / sqrt(len(more)), 1e-12)
        apart = mine - theirs > max(least * theirs, LEAST_APART)
        return apart and erfc(more.mean() / error / sqrt(2)) / 2 < level

    def is_no_surer(self) -> bool:
        """Whether the Brier scores are known, and the challenger's is not better."""
        mine, theirs = self.brier
        return self.squared is not None and mine >= theirs

    def collapsed(self, level: float) -> str | None:
        """A label of which the challenger finds less than half the rows that live finds.

        The loss must be beyond chance. Accuracy hardly shows it where another label has most rows.
        """
        if self.live is None:
            return None
        for label in np.unique(self.targets).tolist():
            own = self.targets == label
            mine = self.challenger[own] == label
            theirs = self.live[own] == label
            if 2 * mine.sum() < theirs.sum():
                lost, gained = int((theirs & ~mine).sum()), int((mine & ~theirs).sum())
                if sign_test(lost, gained) < level:
                    return str(label)
        return None

    def is_better(self, level: float) -> bool:
        return sign_test(self.gained, self.lost) < level


def squared_errors(shares: Numbers, labels: Sequence[str], targets: Labels) -> Numbers:
    """The squared error of each row's probabilities: 0 if sure and right, 2 if sure and wrong."""
    places = {label: place for place, label in enumerate(labels)}
    known = np.array([places.get(target, -1) for target in targets.tolist()], dtype=np.int64)
    padded = np.column_stack(
        [shares, np.zeros(len(shares))]
    )  # the last column is for unknown labels
    told = padded[np.arange(len(known)), known]
    found: Numbers = np.square(shares).sum(axis=1) - 2 * told + 1
    return found


def sign_test(wins: int, losses: int) -> float:
    """The probability of at least so many wins if both sides were equally good."""
    rows = wins + losses
    ways = total = comb(rows, wins)
    for won in range(wins, rows):
        ways = ways * (rows - won) // (won + 1)
        total += ways
    return total / (1 << rows)


def contradicted_share(said: Labels, targets: Labels) -> float | None:
    """The share of labels that differ from the prediction; None without rows."""
    return float(np.mean(said != targets)) if len(targets) else None
