"""The sections of a report on the live version: what Evidently is asked to draw of a window."""

from collections.abc import Iterator

import pandas as pd

from pipeline.data.schema import Schema
from pipeline.setting_tables import ReportingSettings
from reporting.drift.dataset_drift import RESIDUAL, DatasetDrift
from reporting.evidently_reports.presets import (
    classification,
    column_drift,
    data_summary,
    label_drift,
    one_drift,
)
from reporting.evidently_reports.sections import OmittedSection, Section
from reporting.insufficient import Insufficient
from reporting.monitoring.checks import CheckResults, columns_of
from reporting.windows.current_window import CurrentWindow, PredictionRows
from reporting.windows.reference_window import ReferenceWindow


def sections_of(
    baseline: ReferenceWindow, window: CurrentWindow, found: CheckResults, wanted: ReportingSettings
) -> Iterator[Section | OmittedSection]:
    rows, labelled = window.predicted, window.labelled
    yield from _drift_sections(baseline, rows, found.drift, wanted.alarm_share)
    yield label_drift("prediction", found.prediction, rows.predictions, baseline.predictions)
    yield label_drift("target", found.target, labelled.targets, baseline.targets)
    title = "Classification"
    if isinstance(found.scores, Insufficient):
        yield OmittedSection(title, found.scores.reason)
    else:
        sides = (labelled.judged(wanted.least_labelled), (baseline.targets, baseline.predictions))
        frames = [pd.DataFrame({"target": true, "prediction": said}) for true, said in sides]
        yield classification(title, *frames)
    title = "Values of the original features"
    if isinstance(found.quality, Insufficient):
        yield OmittedSection(title, found.quality.reason)
    else:
        yield data_summary(title, observations(baseline.schema, rows), None)


def _drift_sections(
    baseline: ReferenceWindow,
    rows: PredictionRows,
    found: DatasetDrift | Insufficient,
    share: float,
) -> Iterator[Section | OmittedSection]:
    title = "Drift of the vectors"
    if isinstance(found, Insufficient):
        yield OmittedSection(title, found.reason)
        return
    features = [column for column in found.columns if column.name != RESIDUAL]
    yield column_drift(title, features, share, columns_of(baseline, rows), baseline.columns)
    for column in found.columns:
        if column.name == RESIDUAL:
            yield one_drift(
                "Drift of the residual", column, columns_of(baseline, rows), baseline.columns
            )
    for name, few in found.insufficient.items():
        yield OmittedSection(f"Drift of {name}", few.reason)


def observations(schema: Schema, rows: PredictionRows) -> pd.DataFrame:
    """The original features as columns of numbers or text; what is neither becomes a gap."""
    columns = zip(*rows.observations, strict=True)
    frame = pd.DataFrame(dict(zip((f.name for f in schema.features), columns, strict=True)))
    for feature in schema.features:
        values = frame[feature.name]
        if feature.type in ("number", "integer"):
            frame[feature.name] = pd.to_numeric(values, errors="coerce")
        else:
            frame[feature.name] = values.map(str, na_action="ignore").astype(object)
    return frame
