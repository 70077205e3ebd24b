"""The rule that decides when a column drifts. docs/monitoring.md says why it is this one."""

from dataclasses import dataclass
from typing import Literal

from reporting.drift.promise import level_of_a_test

Family = Literal["features", "pca", "residual"]


@dataclass(frozen=True)
class Rule:
    """How many false alarms are promised, and how large a change must be to matter."""

    false_alarms_per_year: float = 1.0
    every_seconds: float = 15.0  # between two passes
    minimum_rows: int = 200
    least_move: float = 0.1  # in standard deviations; for categories the distance of shares
    least_missing: float = 0.02  # change in the share of missing values
    least_new: float = 0.01  # share of rows in a new category, or far outside the range
    least_unlinked: float = 0.6  # share of a correlation that is lost

    def level(self, tests: int, families: int, rows: int, reference_rows: int) -> float:
        """The level of each of `tests` tests in a family. The families share the promise."""
        common = rows / (rows + reference_rows)
        promised = self.false_alarms_per_year / families
        return level_of_a_test(promised, self.every_seconds, tests * families, round(common, 3))


@dataclass(frozen=True)
class Change:
    """The result of one test of a column: `p` is small if chance does not explain the `amount`."""

    method: str
    p: float
    amount: float
    matters: bool  # whether the amount is large enough to care
    what: str  # follows name and amount: "sd higher", "of the rows more missing"
    words: str  # the whole predicate: "is 0.31 sd higher"


@dataclass(frozen=True)
class ColumnResult:
    """A column of the window compared with the reference, by its most significant test."""

    name: str
    family: Family
    method: str
    score: float  # a p-value
    threshold: float
    effect: float
    drifted: bool
    change: str
    words: str

    direction: Literal["below"] = "below"  # drift is where the score is below the threshold


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
