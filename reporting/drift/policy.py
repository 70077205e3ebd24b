"""The rule: when a column drifts. docs/monitoring.md says why it is this one."""

from dataclasses import dataclass
from typing import Literal

from reporting.drift.promise import level_of_a_test

Family = Literal["features", "pca", "residual"]


@dataclass(frozen=True)
class Rule:
    """The promise that the levels of the tests keep, and how small a move does not matter."""

    false_alarms_per_year: float = 1.0
    every_seconds: float = 15.0  # between two passes
    minimum_rows: int = 200
    least_move: float = 0.1  # standard deviations, or the distance of two lists of shares
    least_missing: float = 0.02  # of the rows more, or fewer, than in the reference
    least_new: float = 0.01  # of the rows of a category, or far outside the range, that is new
    least_unlinked: float = 0.6  # of a correlation, lost

    def level(self, tests: int, families: int, rows: int, reference_rows: int) -> float:
        """Of one test in a family of so many; the families share the promise."""
        common = rows / (rows + reference_rows)
        promised = self.false_alarms_per_year / families
        return level_of_a_test(promised, self.every_seconds, tests * families, round(common, 3))


@dataclass(frozen=True)
class Change:
    """What one test says of a column: `p` is small when chance does not explain the `amount`.

    `what` completes the sentence that begins with the column's name and the amount.
    """

    method: str
    p: float
    amount: float
    matters: bool  # whether the amount is large enough to care
    what: str  # "sd higher", "of the rows more are missing"
    words: str  # the whole predicate: "is 0.31 sd higher"


@dataclass(frozen=True)
class ColumnResult:
    """A column of the window against the reference's, by the test that says most."""

    name: str
    family: Family
    method: str
    score: float  # a p-value
    threshold: float
    effect: float
    drifted: bool
    change: str
    words: str

    direction: Literal["below"] = "below"  # of the threshold, where drift is


def find_relevant(changes: list[Change], level: float) -> list[Change]:
    """A change counts when it is beyond chance and large enough to matter."""
    return [change for change in changes if change.p < level and change.matters]


def judge(name: str, family: Family, changes: list[Change], level: float) -> ColumnResult:
    found = find_relevant(changes, level)
    told = min(found, key=lambda change: change.p) if found else changes[0]
    words = " and ".join(change.words for change in found)
    return ColumnResult(
        name, family, told.method, told.p, level, told.amount, bool(found), told.what, words
    )
