"""Errors on real tables: how soon a rise is found, and how often none is told, by the rate of the
version and by its confidence in each row."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import numpy as np

from benchmarks.drift.kinds import CLASSIFIERS, Served, Window
from benchmarks.drift.real_tables import REFERENCE_ROWS, Table
from pipeline.arrays import Numbers
from pipeline.quality.calibration import cautious
from reporting.drift.error_drift import ErrorRateMonitor, LabelledRow

STREAMS, BEFORE, AFTER = 30, 500, 2_500  # and rows of each, before and after it changes

CHANGES: dict[str, Callable[[Served], Window]] = {
    "nothing": lambda served: served.draw(rows=AFTER),
    "a tilt of one number": lambda served: served.tilt(AFTER),
    **{
        f"{share:.0%} of the labels renamed": partial(Served.rename, share=share, rows=AFTER)
        for share in (0.05, 0.1, 0.2)
    },
}


def by_rate(served: Served, said: Numbers) -> Numbers:
    usual = float((served.predicted != served.known.targets).mean())
    return np.full(len(said), cautious(usual, REFERENCE_ROWS))


def by_confidence(served: Served, said: Numbers) -> Numbers:
    return served.calibration.wrong(said.max(axis=1))


WAYS = {"by its rate": by_rate, "by its confidence": by_confidence}


def find_rises(tables: Sequence[Table]) -> list[list[str]]:
    """For forests and boosting of how many streams a rise was told, and after how many rows."""
    served = [[Served(table, name) for name in CLASSIFIERS] for table in tables]
    lines = []
    for what, change in CHANGES.items():
        told = [[_watch(one, change) for one in pair] for pair in served]
        for way in WAYS:
            cells = (" / ".join(_say(one[way]) for one in pair) for pair in told)
            lines.append([what, way, *cells])
            print(" | ".join(lines[-1]), flush=True)
    return lines


def _watch(served: Served, change: Callable[[Served], Window]) -> dict[str, list[int]]:
    """By each way the rows after the change at which it was told; negative ones are before it."""
    found: dict[str, list[int]] = {way: [] for way in WAYS}
    for _ in range(STREAMS):
        windows = (served.draw(rows=BEFORE), change(served))
        said = np.vstack([served.model.predict_proba(window.rows) for window in windows])
        targets = np.concatenate([window.targets for window in windows])
        wrong = np.array(served.classes)[said.argmax(axis=1)] != targets
        for way, expect in WAYS.items():
            at = _first(wrong.tolist(), expect(served, said).tolist())
            found[way] += [] if at is None else [at - BEFORE]
    return found


def _first(wrong: list[bool], expected: list[float]) -> int | None:
    monitor = ErrorRateMonitor()
    for seq, (error, foretold) in enumerate(zip(wrong, expected, strict=True)):
        monitor.add(LabelledRow(seq, error, foretold, ""))
        if monitor.found:
            return seq
    return None


def _say(found: list[int]) -> str:
    return f"{len(found)} after {median(found):,.0f}" if found else "0"
