"""What each part of a report asks of Evidently. Used by snapshot.py and compare.py."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from evidently import BinaryClassification, DataDefinition, MulticlassClassification
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.metrics import ValueDrift
from evidently.presets import ClassificationPreset, DataDriftPreset, DataSummaryPreset

from reporting.distributions.numeric_tests import HUGE
from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.policy import ColumnResult
from reporting.evidently_reports.sections import OmittedSection, Section
from reporting.evidently_reports.stattests import hand_over, hand_over_shares
from reporting.insufficient import Insufficient

MOST_FEATURES = 40  # with more, a page for each would be read by nobody and take megabytes
Columns = Mapping[str, Any]


class DriftTable(DataDriftPreset):  # type: ignore[misc]  # Evidently is not typed through
    """The table alone, in the order of `columns`: Evidently puts high scores first, which as
    p-values are no drift. Its headline would know the share of drifted columns and nothing else."""

    def render(self, context: Any, child_widgets: Any = None) -> list[BaseWidgetInfo]:
        widgets = super().render(context, child_widgets)
        tables = [widget for widget in widgets if widget.type == "big_table"]
        for table in tables:
            table.params["data"].sort(key=lambda row: self.columns.index(row["column_name"]))
        return tables


def column_drift(
    title: str,
    columns: Sequence[ColumnResult],
    current: Columns,
    reference: Columns,
) -> Section | OmittedSection:
    """The columns that have a verdict, with their distributions."""
    columns = [column for column in columns if pd.Series(current[column.name]).notna().any()]
    if not columns:
        return OmittedSection(title, "no column has a value")
    columns = sorted(columns, key=lambda column: (not column.drifted, -column.effect))
    names = [column.name for column in columns]
    table = DriftTable(
        columns=names,
        per_column_method=hand_over(columns),
        per_column_threshold={column.name: column.threshold for column in columns},
    )
    now, before = (_frame(names, source) for source in (current, reference))
    return Section(title, [table], define(now), now, before)


def one_drift(
    title: str, column: ColumnResult, current: Columns, reference: Columns
) -> Section | OmittedSection:
    """A column that is not counted among the features, as the PCA residual."""
    name = column.name
    now, before = (_frame([name], source) for source in (current, reference))
    drawn = ValueDrift(column=name, method=hand_over([column])[name], threshold=column.threshold)
    return Section(title, [drawn], define(now), now, before, headed=True)


def label_drift(
    column: str, found: LabelDrift | Insufficient, current: Any, reference: Any
) -> Section | OmittedSection:
    title = f"Drift of the {column}"
    if isinstance(found, Insufficient):
        return OmittedSection(title, found.reason)
    now, before = (pd.DataFrame({column: as_text(rows)}) for rows in (current, reference))
    drawn = ValueDrift(column=column, method=hand_over_shares(column, found))
    definition = DataDefinition(categorical_columns=[column])
    return Section(title, [drawn], definition, now, before, headed=True)


def data_summary(
    title: str, current: pd.DataFrame, reference: pd.DataFrame | None
) -> Section | OmittedSection:
    """Each feature's values. A feature that is empty throughout is left to our own table."""
    frames = [drawable(frame) for frame in (current, reference) if frame is not None]
    kept = [n for n in current if all(n in frame and frame[n].notna().any() for frame in frames)]
    if not kept:
        return OmittedSection(title, "no feature has a value")
    if len(kept) > MOST_FEATURES:
        return OmittedSection(
            title, f"{len(kept)} features are more than {MOST_FEATURES} to show singly"
        )
    now, *before = (frame[kept] for frame in frames)
    return Section(title, [DataSummaryPreset()], define(now), now, *before)


def classification(
    title: str, current: pd.DataFrame, reference: pd.DataFrame
) -> Section | OmittedSection:
    """Targets and predictions, without probabilities: with them a label that is missing from the
    window breaks Evidently. So do labels that one side alone has: then the window is shown."""
    now, before = (frame.dropna().apply(as_text) for frame in (current, reference))
    for frame, name in ((now, "window"), (before, "reference")):
        if frame["target"].nunique() < 2:
            return OmittedSection(title, f"the {name} has targets of one label at most")
    labels = _labels(now)
    definition = DataDefinition(categorical_columns=list(now), classification=[label_task(labels)])
    same = labels == _labels(before)
    alone = f"{title} in the window alone, whose labels are not those of the reference"
    shown, compared = (title, before) if same else (alone, None)
    return Section(shown, [ClassificationPreset()], definition, now, compared)


def _labels(frame: pd.DataFrame) -> list[str]:
    return sorted(set(frame.to_numpy().ravel()))


def label_task(labels: Sequence[str]) -> BinaryClassification | MulticlassClassification:
    """Evidently takes two labels for binary whatever it is told, and needs one of them as 'yes'."""
    columns = {"target": "target", "prediction_labels": "prediction"}
    if len(labels) > 2:
        return MulticlassClassification(**columns)
    return BinaryClassification(**columns, pos_label=labels[-1])


def as_text(rows: Any) -> pd.Series:
    """Labels as text, whatever they are: Evidently cannot compare 1 with 'b'."""
    return pd.Series([str(label) for label in rows], dtype=object)


def define(frame: pd.DataFrame) -> DataDefinition:
    """Numbers and categories."""
    numbers = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    others = [name for name in frame if name not in numbers]
    return DataDefinition(numerical_columns=numbers, categorical_columns=others)


def _frame(names: Iterable[str], columns: Columns) -> pd.DataFrame:
    """Columns of different lengths side by side; Evidently passes over the gaps."""
    return drawable(pd.DataFrame({name: pd.Series(columns[name]) for name in names}))


def drawable(frame: pd.DataFrame) -> pd.DataFrame:
    """No infinities, and nothing so large that the sums of a histogram overflow."""
    kept = frame.copy()
    for name in frame.select_dtypes("number"):
        kept[name] = frame[name].replace([np.inf, -np.inf], np.nan).clip(-HUGE, HUGE)
    return kept
