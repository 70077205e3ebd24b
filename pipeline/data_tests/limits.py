"""How much a test allows: what the settings allow, or what chance explains, if that is more.

A suite has many tests, and few rows scatter. So the level of a test is a thousandth, divided by
the number of tests: one undamaged set of rows in a thousand fails by chance alone.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import floor, sqrt

from scipy.stats import betabinom, chi2, norm

LEVEL = 0.001  # of all tests together


@dataclass(frozen=True)
class Limits:
    """Of a suite of so many tests."""

    tests: int

    @property
    def level(self) -> float:
        return LEVEL / max(1, self.tests)

    def most_rows(self, rows: int, known: int, of: int, allowed: float) -> int:
        """Rows with a fault that `known` of `of` reference rows have, plus the allowed share."""
        by_setting = floor((known / of + allowed) * rows + 1e-9)
        return max(by_setting, _most_by_chance(rows, known, of, self.level))

    def share(self, rows: int, known: int, of: int, allowed: float) -> tuple[int, int]:
        """Between how many rows a label may have."""
        share = known / of
        chance = float(norm.isf(self.level / 2)) * sqrt(share * (1 - share) * (1 / rows + 1 / of))
        margin = max(allowed, chance)
        least, most = (share - margin) * rows, (share + margin) * rows
        return max(0, floor(least)), min(rows, floor(most + 1e-9))

    def least_accuracy(self, rows: int, expected: float, allowed: float) -> float:
        """Below the expected accuracy."""
        chance = float(norm.isf(self.level)) * sqrt(expected * (1 - expected) / rows)
        return max(0.0, expected - max(allowed, chance))

    def distance(self, rows: int, of: int, allowed: float) -> float:
        """Of numbers, in standard deviations of the reference."""
        return max(allowed, float(norm.isf(self.level / 2)) * sqrt(1 / rows + 1 / of))

    def shares_distance(self, rows: int, of: int, categories: int, allowed: float) -> float:
        """Of two lists of shares by Jensen and Shannon, which is near chi-square by an eighth."""
        chance = _chi_square(self.level, max(1, categories - 1)) / 8 * (1 / rows + 1 / of)
        return max(allowed, sqrt(chance))


@lru_cache(maxsize=4_096)
def _most_by_chance(rows: int, known: int, of: int, level: float) -> int:
    """With a rate that is itself estimated from few rows."""
    return int(betabinom.isf(level, rows, known + 1, of - known + 1))


@lru_cache(maxsize=1_024)
def _chi_square(level: float, freedom: int) -> float:
    return float(chi2.isf(level, freedom))
