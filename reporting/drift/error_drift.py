"""Detects whether the model errs more often than expected, row by row as labels arrive.

Three CUSUMs read the same errors, for a small, a middle and a large rise of their odds. Each
labelled row counts once, whichever version predicted it; the confidence of that version tells how
likely an error was.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, sqrt
from typing import NamedTuple

from pipeline.quality.cusum import HIGHEST, LOWEST, Cusum, weigh
from reporting.insufficient import Insufficient, too_few

RISES = ((1.25, 6.5), (1.8, 8.0), (3.0, 10.0))  # factor on the odds, threshold of the CUSUM
PROVED = log(200)  # evidence (log likelihood ratio) from which on a rise is over
HEAD_START = log(10)  # evidence that a new live version starts with
REMEMBERED = 1_000  # rows that are kept, for the error rate and to see when a rise is over


class LabelledRow(NamedTuple):
    seq: int
    error: bool
    expected: float  # how likely an error was
    version: str


@dataclass(frozen=True)
class ErrorRise:
    since: int  # the row (seq) at which the errors began to rise
    at: int  # the row at which it was detected
    odds: float  # while errors have risen by this factor, the rise lasts
    expected: float  # the error rate expected for the rows since then


@dataclass(frozen=True)
class ConceptDrift:
    found: ErrorRise | None
    estimate: float  # error rate of the live version, or since the rise if those rows are fewer
    expected: float  # error rate expected for the same rows
    versions: Mapping[str, int]  # rows behind both rates, by the version that predicted them
    rows: int

    @property
    def judged(self) -> int:
        return sum(self.versions.values())

    @property
    def detected(self) -> bool:
        return self.found is not None


@dataclass
class ErrorRateMonitor:
    """Takes labelled rows in order, and ignores those that it has seen.

    It is saved field by field, so it outlives promotions and restarts.
    """

    last_seq: int | None = None
    rows: int = 0
    found: ErrorRise | None = None
    recovery: float = 0.0  # evidence that the rise is over
    cusums: list[Cusum] = field(default_factory=lambda: [Cusum(*rise) for rise in RISES])
    latest: list[LabelledRow] = field(default_factory=list)

    def is_whole(self) -> bool:
        """Whether a saved state has the CUSUMs of today and all its rows."""
        known = [(cusum.odds, cusum.threshold) for cusum in self.cusums] == list(RISES)
        return known and len(self.latest) == min(self.rows, REMEMBERED)

    def update(self, rows: Iterable[LabelledRow]) -> None:
        for row in rows:
            if self.last_seq is None or row.seq > self.last_seq:
                self.last_seq = row.seq
                self.add(row)

    def add(self, row: LabelledRow) -> None:
        self.rows += 1
        self.latest.append(row)
        del self.latest[:-REMEMBERED]
        told = [cusum for cusum in self.cusums if cusum.add(row.seq, row.error, row.expected)]
        if self.found is None and told:
            since = max(cusum.since for cusum in told)
            self.found = self._describe(since, row.seq)
            self.recovery = 0.0
        elif self.found is not None and self._is_over(self.found, row):
            self.found = None
            self.cusums = [Cusum(*rise) for rise in RISES]

    def _describe(self, since: int, at: int) -> ErrorRise:
        """A rise lasts while half of it is left, for when detected it looks larger than it is."""
        rows = [row for row in self.latest if row.seq >= since]
        expected, errors = _mean(row.expected for row in rows), _mean(row.error for row in rows)
        return ErrorRise(
            since, at, max(RISES[0][0], sqrt(_odds(errors) / _odds(expected))), expected
        )

    def promote(self) -> None:
        """Another version is live. It passed the gate, so less evidence ends the rise."""
        self.recovery = HEAD_START

    def _is_over(self, found: ErrorRise, row: LabelledRow) -> bool:
        """Whether the evidence suffices, or the last REMEMBERED rows err no more than expected."""
        evidence = self.recovery - weigh(row.error, row.expected, found.odds)
        self.recovery = max(0.0, evidence)
        if self.recovery >= PROVED:
            return True
        passed = len(self.latest) == REMEMBERED and self.latest[0].seq > found.at
        return passed and sum(one.error - one.expected for one in self.latest) <= 0

    def state(self, version: str, least: int) -> ConceptDrift | Insufficient:
        """The present state. A detected rise is reported however few rows there are."""
        few = too_few(self.rows, least, "labelled rows")
        if few and not self.found:
            return few
        judged = self._judged(version, least)
        if self.found:
            risen = [row for row in self.latest if row.seq >= self.found.since]
            judged = min(judged, risen, key=len)
        errors, expected = (
            _mean(values) for values in zip(*(row[1:3] for row in judged), strict=True)
        )
        versions = Counter(row.version for row in judged)
        return ConceptDrift(self.found, errors, expected, versions, self.rows)

    def _judged(self, version: str, least: int) -> list[LabelledRow]:
        """The rows of the live version; while these are few, the latest rows of any version."""
        own = [row for row in self.latest if row.version == version]
        if len(own) >= least:
            return own
        return self.latest[-least:]


def _odds(rate: float) -> float:
    bounded = min(max(rate, LOWEST), HIGHEST)
    return bounded / (1 - bounded)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)
