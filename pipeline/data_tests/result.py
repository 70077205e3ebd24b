"""What is tested, and what one test says. Used by the trainer and by reporting."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Labels, Numbers

Check = Literal[
    "missing",
    "out of range",
    "new category",
    "drift",
    "duplicates",
    "constant",
    "unknown label",
    "label share",
    "accuracy",
]
COUNTED = ("missing", "out of range", "new category", "duplicates", "unknown label", "label share")
MOST_NAMED = 3


@dataclass(frozen=True)
class Rows:
    """Rows to test; `values` has a column for each watched feature.

    A target is "" where the label is not known. `predictions` is None where nobody predicted.
    """

    values: Numbers
    targets: Labels
    predictions: Labels | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def labelled(self) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = self.targets != ""
        return known


@dataclass(frozen=True)
class DataTest:
    """One test. `found`, `least` and `most` are in rows, or what the check measures otherwise."""

    check: Check
    subject: str  # the feature, the label, or "" for all of them
    found: float
    rows: int
    most: float | None = None
    least: float | None = None
    unit: str = ""

    @property
    def passed(self) -> bool:
        enough = self.least is None or self.found >= self.least
        return enough and (self.most is None or self.found <= self.most)

    @property
    def name(self) -> str:
        return f"{self.check} of '{self.subject}'" if self.subject else self.check

    @property
    def numbers(self) -> str:
        """Found and allowed, in words."""
        limits = [
            f"{word} {self._say(limit)}"
            for word, limit in (("at least", self.least), ("at most", self.most))
            if limit is not None
        ]
        return f"{self._say(self.found)} of {self.rows:,} rows, {' and '.join(limits)} allowed"

    def _say(self, number: float) -> str:
        if self.check in COUNTED:
            return f"{number / self.rows:.1%}"
        if self.check == "accuracy":
            return f"{number:.1%}"
        return f"{number:.4g}{self.unit}"

    def facts(self) -> dict[str, Any]:
        """As JSON holds it."""
        names = ("check", "subject", "found", "least", "most", "rows", "passed")
        return {**{name: getattr(self, name) for name in names}, "numbers": self.numbers}


def describe_failed(failed: list[DataTest]) -> str:
    """The first few tests that failed, with their numbers, for a sentence."""
    named = "; ".join(f"{test.name} is {test.numbers}" for test in failed[:MOST_NAMED])
    more = len(failed) - MOST_NAMED
    return f"{named}; and {more} more" if more > 0 else named
