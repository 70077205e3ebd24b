"""CPU time of one pass of the statistics of reporting, for benchmarks/drift/__main__.py."""

import json
import time
from dataclasses import dataclass

import numpy as np

from pipeline.data.observed import Observed
from pipeline.data.schema import Feature, ImageShape, Schema, pixel_features
from pipeline.data.watched_features import watched_features, watched_values
from reporting.drift.dataset_drift import compare
from reporting.drift.reference_columns import make_family
from reporting.windows.window_quality import measure_quality

ROWS, REFERENCE_ROWS, LEAST = 500, 4_000, 200


@dataclass(frozen=True)
class Cost:
    """Milliseconds: of the first pass, and of one in whose window every tenth row is new."""

    first: float
    next: float


def measure_table(columns: int, seed: int) -> Cost:
    features = tuple(Feature(f"sensor_{n}", "number", -9.0, 9.0) for n in range(columns))
    random = np.random.default_rng(seed)
    common = random.normal(size=(REFERENCE_ROWS, 1))  # what goes together is watched, too
    rows = common + random.normal(size=(REFERENCE_ROWS, columns))
    return _measure(Schema("tabular", "target", ("a", "b"), features), rows)


def measure_picture(width: int, seed: int) -> Cost:
    """In colour. Pixels are whole numbers, as in files."""
    shape = ImageShape(width, width, colour=True)
    random = np.random.default_rng(seed)
    rows = random.integers(0, 256, (ROWS, width * width * 3)).astype(np.float64)
    schema = Schema("image", "label", ("a", "b"), pixel_features(shape, rows[0]), shape)
    return _measure(schema, rows)


def _measure(schema: Schema, rows: np.ndarray) -> Cost:
    features = watched_features(schema)
    family = make_family("features", features, watched_values(schema, rows), LEAST)
    recorded = [json.dumps(row) for row in rows[:ROWS].tolist()]
    observed = Observed(schema)
    spent = []
    for begin in (0, ROWS // 10):
        window = [(begin + place, text) for place, text in enumerate(recorded)]
        start = time.process_time()
        values = observed.values(window)
        compare([family], {"features": values})
        measure_quality(features, values)
        spent.append((time.process_time() - start) * 1000)
    return Cost(*spent)
