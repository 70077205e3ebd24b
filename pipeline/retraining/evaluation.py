"""What decides between two versions: their answers for the same rows, and a sign test on them."""

from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np

from pipeline.arrays import Labels


@dataclass(frozen=True)
class Pairing:
    """Some rows, and what a challenger and the live version predict for them.

    `live` is None when there is no version to compare with.
    """

    targets: Labels
    challenger: Labels
    live: Labels | None

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

    def collapsed(self, level: float) -> str | None:
        """A label of whose rows the challenger finds not half as many as live, beyond chance.

        Where one label is most of the rows, to forget the others costs hardly any accuracy.
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


def sign_test(wins: int, losses: int) -> float:
    """The probability of so many wins, or more, if both sides were equal."""
    rows = wins + losses
    ways = total = comb(rows, wins)
    for won in range(wins, rows):
        ways = ways * (rows - won) // (won + 1)
        total += ways
    return total / (1 << rows)


def contradicted_share(said: Labels, targets: Labels) -> float | None:
    """The share of labels that contradict what was predicted; None without rows."""
    return float(np.mean(said != targets)) if len(targets) else None
