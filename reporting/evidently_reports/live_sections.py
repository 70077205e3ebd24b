"""The sections of a report on the live version: what Evidently is asked to draw of a window."""

from collections.abc import Iterator

import pandas as pd

from pipeline.arrays import Numbers
from pipeline.data.schema import Schema
from pipeline.data.watched_features import watched_features
from pipeline.setting_tables import ReportingSettings
from reporting.drift.dataset_drift import DatasetDrift
from reporting.drift.reference_columns import name_of_place, places_of
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
    yield from _drift_sections(baseline, rows, found.drift)
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
        yield data_summary(title, name_values(baseline.schema, rows.features), None)


def _drift_sections(
    baseline: ReferenceWindow,
    rows: PredictionRows,
    found: DatasetDrift | Insufficient,
) -> Iterator[Section | OmittedSection]:
    """The features by their names, then what a PCA makes of them."""
    if isinstance(found, Insufficient):
        yield OmittedSection("Drift of the features", found.reason)
        return
    families = {
        family: [column for column in found.columns if column.family == family]
        for family in ("features", "pca", "residual")
    }
    features, watched = families["features"], baseline.watched
    if features and watched is not None:
        now, before = (
            name_values(baseline.schema, values) for values in (rows.features, watched.values)
        )
        yield column_drift("Drift of the features", features, now, before)
    vectors = columns_of(baseline, rows)
    if components := families["pca"]:
        yield column_drift("Drift of the vectors", components, vectors, baseline.columns)
    for column in families["residual"]:
        yield one_drift("Drift of the residual", column, vectors, baseline.columns)
    for name, few in found.insufficient.items():
        yield OmittedSection(f"Drift of {name}", few.reason)


def name_values(schema: Schema, values: Numbers) -> pd.DataFrame:
    """The watched features as columns of numbers or text."""
    columns = {}
    for feature, numbers in zip(watched_features(schema), values.T, strict=True):
        if feature.type in ("number", "integer"):
            columns[feature.name] = pd.Series(numbers)
        else:
            places = places_of(feature, numbers)
            named = [name_of_place(feature, place) for place in places.tolist()]
            columns[feature.name] = pd.Series(named, dtype=object)
    return pd.DataFrame(columns)
