"""Evidence, row by row, that errors have become more frequent. Used by reporting and retraining."""

from dataclasses import dataclass
from math import log

LOWEST, HIGHEST = 0.01, 0.99  # expected errors; beyond them a single row would say too much


@dataclass
class Cusum:
    """Adds up the evidence that the odds of an error have risen by `odds`, never below none.

    At a threshold of log(n) false alarms are at least n rows apart on average (Lorden, 1971).
    """

    odds: float
    threshold: float
    evidence: float = 0.0
    since: int = 0  # the row at which the evidence began to rise

    def add(self, seq: int, error: bool, expected: float) -> bool:
        """Whether the evidence is enough; `expected` is how likely an error was for this row."""
        if self.evidence == 0:
            self.since = seq
        self.evidence = max(0.0, self.evidence + weigh(error, expected, self.odds))
        self.evidence = min(self.evidence, self.threshold)  # so that a drift can end
        return self.evidence == self.threshold


def weigh(error: bool, expected: float, odds: float) -> float:
    """The logarithm of how much likelier the row is if the odds of an error have risen."""
    before = min(max(expected, LOWEST), HIGHEST)
    after = odds * before / (1 - before + odds * before)
    return log(after / before) if error else log((1 - after) / (1 - before))
