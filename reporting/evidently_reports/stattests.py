"""Our verdicts in Evidently's words, so that its tables, plots and tests say what the alerts say.

Its own tests choose a method by the reference's size and know no smallest effect. So drift is
found once, by dataset_drift.py and categorical_tests.py, and handed to Evidently as the result of
its tests.
"""

from collections.abc import Iterable
from typing import Any

from evidently.legacy.calculations.stattests.registry import StatTest, register_stattest
from evidently.legacy.core import ColumnType

from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.policy import ColumnResult

TYPES = [ColumnType.Numerical, ColumnType.Categorical]
WORDS = {
    "ks_rank": "KS and rank test, p-value",
    "missing": "share of missing values, p-value",
    "filled": "share of missing values, p-value",
    "binomial": "share of new or outlying values, p-value",
    "constant": "chance of a single value, p-value",
    "lasting": "chance of a single value, p-value",
    "correlation": "correlation with others, p-value",
    "chi2": "chi-square p-value",
    "fisher": "Fisher's exact p-value",
}


def hand_over(columns: Iterable[ColumnResult]) -> dict[str, str]:
    """Register the verdicts; the name of the test of each column."""
    return {column.name: _register(column.name, _say(column), column) for column in columns}


def _say(column: ColumnResult) -> str:
    """The effect too: without it a score beyond its threshold would seem misjudged."""
    return f"{_name(column)}: {column.words}" if column.words else _name(column)


def _name(found: ColumnResult | LabelDrift) -> str:
    """Of labels and categories, z is known by its p-value."""
    if found.method == "z" and found.direction == "below":
        return "two-proportion z-test p-value"
    return WORDS[found.method]


def hand_over_shares(column: str, found: LabelDrift) -> str:
    """The same for the shares of labels."""
    return _register(column, _name(found), found)


def _register(column: str, words: str, found: ColumnResult | LabelDrift) -> str:
    """One test for each column: its result is known beforehand."""
    name = f"boucle_{found.method}_of_{column}"
    verdict = (found.score, found.drifted)

    def answer(*_: Any) -> tuple[float, bool]:
        return verdict

    register_stattest(StatTest(name, words, TYPES, found.threshold), answer)
    return name
