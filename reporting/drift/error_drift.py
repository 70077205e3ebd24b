"""Does the model err more often than it used to? Watched row by row, as labels arrive.

Two detectors read the same stream of 0 and 1: river's ADWIN, which knows no reference, and a
faster CUSUM, which starts from the error rate of the reference (out-of-fold).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

import numpy as np
from river.drift import ADWIN
from scipy.special import xlogy

from pipeline.model.cusum import LOWEST, Cusum
from reporting.insufficient import Insufficient, too_few

PROVED = 20  # times as likely
REMEMBERED = 1_000  # rows, to date a rise and to tell when it is over


@dataclass(frozen=True)
class Found:
    detector: str  # the first that found it: "cusum" or "adwin"
    since: int  # the row (seq) at which the errors began to rise
    at: int  # the row at which that was sure
    before: float  # the error rate until then


@dataclass(frozen=True)
class ConceptDrift:
    found: Found | None
    estimate: float  # error rate of the live version, or since the rise if that is later
    reference: float
    rows: int

    @property
    def detected(self) -> bool:
        return self.found is not None


def date_rise(errors: list[bool]) -> int:
    """The row that parts the rows into the two likeliest halves, each with its own error rate."""
    rows, counts = np.arange(1, len(errors)), np.cumsum(errors)
    before, after = counts[:-1], counts[-1] - counts[:-1]
    likelihood = 0.0
    for wrong, size in ((before, rows), (after, len(errors) - rows)):
        likelihood = likelihood + xlogy(wrong, wrong / size) + xlogy(size - wrong, 1 - wrong / size)
    return int(np.argmax(likelihood)) + 1


class ErrorRateMonitor:
    """Feed it every labelled row of the live version once, in order; old rows are passed over.

    It outlives promotions. Where every few rows promote a version that has not learned the change
    yet, none of them alone would ever err for long enough to be found out.
    """

    def __init__(
        self,
        reference_error: float,
        minimum_rows: int = 200,
        rows_between: float = 40_000,
        odds: float = 3.0,
    ) -> None:
        self.minimum_rows = minimum_rows
        self.rows_between = rows_between
        self.odds = odds
        self.last_seq: int | None = None
        self.promoted_at: int | None = None  # the last row before the live version
        self.latest: deque[tuple[int, bool]] = deque(maxlen=REMEMBERED)
        self.rows = 0
        self.found: Found | None = None
        self._watch(reference_error)

    def _watch(self, reference_error: float) -> None:
        self.reference_error = reference_error
        self.cusum = Cusum(reference_error, self.rows_between, self.odds)
        self.adwin = ADWIN()  # type: ignore[no-untyped-call]

    def promote(self, reference_error: float) -> None:
        """Another version is live. Evidence stays; a drift that is found must be proved over."""
        before, adwin = self.cusum, self.adwin
        self._watch(reference_error)
        if self.found is None:
            self.cusum.evidence = min(before.evidence, self.cusum.threshold)
            self.adwin = adwin
        elif self._is_being_proved(self.found):
            self.cusum.balance = min(before.balance, 0.0)
        self.promoted_at = self.last_seq

    def _is_being_proved(self, found: Found) -> bool:
        return self.promoted_at is not None and self.promoted_at >= found.at

    def update(self, rows: Iterable[tuple[int, bool]]) -> ConceptDrift | Insufficient:
        """Rows are (seq, was the prediction wrong), by ascending seq."""
        for seq, error in rows:
            if self.last_seq is None or seq > self.last_seq:
                self.last_seq = seq
                self.add(seq, bool(error))
        return self.state()

    def add(self, seq: int, error: bool) -> None:
        self.rows += 1
        self.latest.append((seq, error))
        before = float(self.adwin.estimation)
        self.adwin.update(error)  # type: ignore[no-untyped-call]
        if self.cusum.add(seq, error):
            found = Found("cusum", self.cusum.since, seq, self.reference_error)
            self.found = self.found or found
        elif self.adwin.drift_detected and self.adwin.estimation > before:
            first = date_rise([error for _, error in self.latest])
            self.found = self.found or Found("adwin", self.latest[first][0], seq, before)
        elif self.found and self.is_over(self.found):
            self.found = None

    def is_over(self, found: Found) -> bool:
        """Whether rows enough to be sure err no more than before the rise.

        A version promoted since proves itself sooner: when it is twenty times as likely that it
        errs as its reference does as that its errors have risen (Wald's sequential test).
        """
        if self._is_being_proved(found):
            return self.cusum.balance <= -log(PROVED)
        recent = self.latest[0][0] > found.at and self.cusum.evidence == 0
        usual = max(found.before, LOWEST) * REMEMBERED
        return recent and sum(error for _, error in self.latest) <= usual

    def _since(self, first: int) -> list[bool]:
        return [error for seq, error in self.latest if seq >= first]

    def _judged(self) -> list[bool]:
        """The rows of the live version; while these are few the latest of its forerunners too."""
        own = self._since((self.promoted_at or 0) + 1)
        least = max(self.minimum_rows, 1)
        return own if len(own) >= least else self._since(0)[-least:]

    def state(self) -> ConceptDrift | Insufficient:
        """A drift that is found counts however few its rows: they were enough to find it."""
        few = too_few(self.rows, max(self.minimum_rows, 1), "labelled rows")
        if few and not self.found:
            return few
        errors = self._since(self.found.since if self.found else 0)
        counted = min(self._judged(), errors, key=len)
        estimate = sum(counted) / len(counted)
        return ConceptDrift(self.found, estimate, self.reference_error, self.rows)
