"""Evidently's defaults on the windows of `__main__.py`. Slow: about a second a window."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from numpy.typing import ArrayLike

Window = Mapping[str, ArrayLike]


def judge_evidently(reference: Window, windows: Iterable[Window]) -> list[bool | None]:
    """The preset's verdict: half of the columns drifted, each by the test that it chose."""
    known = as_dataset(reference)
    return [share_drifted(known, as_dataset(window)) >= 0.5 for window in windows]


def share_drifted(reference: Dataset, window: Dataset) -> float:
    snapshot = Report([DataDriftPreset()]).run(window, reference)
    metrics: list[dict[str, Any]] = snapshot.dict()["metrics"]
    count = next(metric for metric in metrics if "DriftedColumnsCount" in metric["metric_name"])
    return float(count["value"]["share"])


def as_dataset(columns: Window) -> Dataset:
    rows = min(len(np.asarray(values)) for values in columns.values())
    frame = pd.DataFrame({name: np.asarray(values)[:rows] for name, values in columns.items()})
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    numeric = [name for name in frame if name not in text]
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=text)
    return Dataset.from_pandas(frame, data_definition=definition)
