"""CPU time of one pass of every statistic of reporting, for benchmarks/drift/__main__.py."""

import time
from dataclasses import dataclass

import numpy as np

from reporting.drift.categorical_tests import count_labels, detect_label_drift
from reporting.drift.dataset_drift import RESIDUAL, compare
from reporting.drift.error_drift import ErrorRateMonitor
from reporting.drift.reference_columns import make_reference
from reporting.windows.window_quality import measure_quality

ROWS, PASSES = 500, 20


@dataclass(frozen=True)
class Number:
    name: str
    type: str = "number"
    minimum: float | None = -5.0
    maximum: float | None = 5.0
    categories: tuple[str, ...] | None = None


def measure_cost(columns: int, rng: np.random.Generator) -> float:
    """Milliseconds a pass: columns and residual, target, predictions, errors, raw observations."""
    names = [f"PCA_{i + 1}" for i in range(columns)]
    reference = make_reference({name: rng.normal(size=5_000) for name in [*names, RESIDUAL]})
    window = {name: rng.normal(size=ROWS) for name in [*names, RESIDUAL]}
    values = rng.normal(size=(ROWS, columns)).tolist()
    rows = [dict(zip(names, row, strict=True)) for row in values]
    labels = rng.choice(["a", "b", "c"], ROWS).tolist()
    counted = count_labels(rng.choice(["a", "b", "c"], 5_000).tolist())
    features = [Number(name) for name in names]
    monitor = ErrorRateMonitor(0.05)
    start = time.process_time()
    for number in range(PASSES):
        compare(reference, window)
        for _ in ("target", "prediction"):
            detect_label_drift(counted, count_labels(labels))
        monitor.update((number * ROWS + row, row % 20 == 0) for row in range(ROWS))
        measure_quality(features, rows)
    return (time.process_time() - start) / PASSES * 1000
