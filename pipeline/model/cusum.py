"""Evidence, row by row, that errors have become more frequent. Used by reporting and retraining."""

from math import log

LOWEST, HIGHEST = 0.01, 0.99  # reference error rates; beyond them a single row would say too much


class Cusum:
    """Adds up the evidence that the odds of an error have risen by `odds`, never below none.

    At a threshold of log(n) false alarms are at least n rows apart on average (Lorden, 1971).
    """

    def __init__(self, reference_error: float, rows_between: float, odds: float) -> None:
        before = min(max(reference_error, LOWEST), HIGHEST)
        after = odds * before / (1 - before + odds * before)
        self.weights = (log((1 - after) / (1 - before)), log(after / before))
        self.threshold = log(rows_between)
        self.evidence = 0.0
        self.balance = 0.0  # the same from the first row on, and below nothing too
        self.since = 0

    def add(self, seq: int, error: bool) -> bool:
        if self.evidence == 0:
            self.since = seq
        self.balance += self.weights[error]
        self.evidence = max(0.0, self.evidence + self.weights[error])
        self.evidence = min(self.evidence, self.threshold)  # so that a drift can end
        return self.evidence == self.threshold
