"""Evidently's defaults on the windows of `__main__.py`. Slow: about a second a window."""

from typing import Any

import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

from benchmarks.drift.cases import Case
from benchmarks.drift.faults import Faults
from benchmarks.drift.real_tables import WINDOW, Table, split
from pipeline.arrays import Numbers


def count_evidently(table: Table, case: Case, windows: int) -> int:
    """How often half of the columns drifted, each by the test that it chose: the preset's alarm."""
    one, touched = split(table, 0), Faults(table.features, table.rows, 0)
    known = as_dataset(table, one.known)
    found = 0
    for _ in range(windows):
        rows = one.rest[touched.random.choice(len(one.rest), WINDOW, replace=False)].copy()
        case.fault(touched, rows)
        found += share_drifted(known, as_dataset(table, rows)) >= 0.5
    return found


def share_drifted(reference: Dataset, window: Dataset) -> float:
    snapshot = Report([DataDriftPreset()]).run(window, reference)
    metrics: list[dict[str, Any]] = snapshot.dict()["metrics"]
    count = next(metric for metric in metrics if "DriftedColumnsCount" in metric["metric_name"])
    return float(count["value"]["share"])


def as_dataset(table: Table, rows: Numbers) -> Dataset:
    frame = pd.DataFrame(rows, columns=[feature.name for feature in table.features])
    text = [feature.name for feature in table.features if feature.type in ("category", "boolean")]
    frame[text] = frame[text].astype(str)
    empty = [name for name in frame if frame[name].isna().all()]  # it breaks on these
    frame[empty] = np.float64(0)
    numbers = [name for name in frame if name not in text]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=text)
    return Dataset.from_pandas(frame, data_definition=definition)
