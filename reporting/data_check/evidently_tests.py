"""The same tests as Evidently's own: its metrics, each with the limits of pipeline/data_tests/.

Evidently counts for itself, in data frames, and holds its counts to the limits.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from evidently import DataDefinition
from evidently.core.metric_types import Metric, metric_tests_widget
from evidently.core.report import metric_tests_stats
from evidently.core.serialization import SnapshotModel
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.tests.base_test import TestStatus
from evidently.metrics import (
    Accuracy,
    CategoryCount,
    ConstantColumnsCount,
    DuplicatedRowCount,
    MissingValueCount,
    OutListValueCount,
    OutRangeValueCount,
    ValueDrift,
)
from evidently.tests import gte, lte

from pipeline.arrays import Numbers
from pipeline.data.faults import FAR, range_of
from pipeline.data.schema import Feature
from pipeline.data_tests.drift_distance import is_number, present_values, standardise
from pipeline.data_tests.result import DataTest, Rows
from pipeline.data_tests.suite import Suite
from reporting.drift.reference_columns import name_of_place, number_of_places, places_of
from reporting.evidently_reports.presets import as_text, define, drawable, label_task
from reporting.evidently_reports.sections import OmittedSection, Section

LABEL = "target"


def sections_of(
    suite: Suite, rows: Rows, tests: Sequence[DataTest]
) -> Iterator[Section | OmittedSection]:
    values = name_columns(suite.features, rows.values)
    yield _count_section(suite, values, tests)
    yield from _drift_section(suite, rows, tests)
    yield from _constant_section(suite, rows, values)
    yield from _label_section(suite, rows, tests)
    yield from _accuracy_section(rows, tests)


def list_tests(drawn: Iterable[SnapshotModel | OmittedSection]) -> list[BaseWidgetInfo]:
    """Evidently's tab of tests for all sections, those that failed first.

    The widgets of the sections go: one for each count of each feature would be read by nobody.
    """
    tests = []
    for section in drawn:
        if isinstance(section, SnapshotModel):
            section.widgets = []
            tests += [test for result in section.metric_results.values() for test in result.tests]
    tests.sort(key=lambda test: test.status == TestStatus.SUCCESS)
    return [metric_tests_stats(tests), metric_tests_widget(tests)]


def name_columns(features: Sequence[Feature], values: Numbers) -> pd.DataFrame:
    """Numbers, and categories as text; a missing one is None."""
    columns = {}
    for feature, numbers in zip(features, values.T, strict=True):
        if is_number(feature):
            columns[feature.name] = pd.Series(numbers)
        else:
            columns[feature.name] = pd.Series(_name_places(feature, numbers), dtype=object)
    return drawable(pd.DataFrame(columns))


def _name_places(feature: Feature, numbers: Numbers) -> list[str | None]:
    missing = number_of_places(feature)
    return [
        None if place == missing else name_of_place(feature, place)
        for place in places_of(feature, numbers).tolist()
    ]


def _count_section(suite: Suite, values: pd.DataFrame, tests: Sequence[DataTest]) -> Section:
    features = {feature.name: feature for feature in suite.features}
    items: list[Metric] = []
    for test in tests:
        limit = [] if test.most is None else [lte(test.most)]
        if test.check == "duplicates":
            items.append(DuplicatedRowCount(tests=limit))
        elif test.check == "missing":
            items.append(MissingValueCount(column=test.subject, tests=limit))
        elif test.check == "new category":
            known = list(features[test.subject].categories)
            items.append(OutListValueCount(column=test.subject, values=known, tests=limit))
        elif test.check == "out of range":
            left, right = range_of(features[test.subject], FAR) or (-np.inf, np.inf)
            items.append(
                OutRangeValueCount(column=test.subject, left=left, right=right, tests=limit)
            )
    return Section("Missing, out of range, new, repeated", items, define(values), values)


def _drift_section(suite: Suite, rows: Rows, tests: Sequence[DataTest]) -> Iterator[Section]:
    """Numbers in standard deviations of the reference: Evidently takes none below 0.001."""
    found = {test.subject: test for test in tests if test.check == "drift"}
    sides: tuple[dict[str, pd.Series], ...] = ({}, {})
    columns = zip(suite.features, suite.reference.values.T, rows.values.T, strict=True)
    for feature, before, now in columns:
        if feature.name not in found:
            continue
        present = present_values(feature, before)
        for side, column in zip(sides, (before, now), strict=True):
            named = (
                standardise(column, present)
                if is_number(feature)
                else np.array(_name_places(feature, column), dtype=object)
            )
            side[feature.name] = pd.Series(named)
    if found:
        items = [
            ValueDrift(
                column=name,
                method="wasserstein" if test.unit else "jensenshannon",
                threshold=test.most,
                tests=[lte(test.most)],
            )
            for name, test in found.items()
        ]
        before_frame, now_frame = (pd.DataFrame(side) for side in sides)
        definition = define(now_frame)
        yield Section("Drift of the features", items, definition, now_frame, before_frame)


def _constant_section(suite: Suite, rows: Rows, values: pd.DataFrame) -> Iterator[Section]:
    names = [feature.name for _, feature in suite.varied(len(rows))]
    if names:
        frame = values[names]
        items = [ConstantColumnsCount(tests=[lte(0)])]
        yield Section("Constant columns", items, define(frame), frame)


def _label_section(suite: Suite, rows: Rows, tests: Sequence[DataTest]) -> Iterator[Section]:
    items: list[Metric] = []
    for test in tests:
        if test.check == "label share":
            limits = [gte(test.least), lte(test.most)]
            items.append(CategoryCount(column=LABEL, categories=[test.subject], tests=limits))
        elif test.check == "unknown label":
            known = list(suite.schema.labels)
            items.append(OutListValueCount(column=LABEL, values=known, tests=[lte(test.most)]))
    if items:
        frame = pd.DataFrame({LABEL: as_text(rows.targets[rows.labelled])})
        yield Section("Labels", items, DataDefinition(categorical_columns=[LABEL]), frame)


def _accuracy_section(rows: Rows, tests: Sequence[DataTest]) -> Iterator[Section | OmittedSection]:
    test = next((test for test in tests if test.check == "accuracy"), None)
    if test is None or rows.predictions is None:
        return
    title, kept = "Accuracy", rows.labelled
    frame = pd.DataFrame(
        {"target": as_text(rows.targets[kept]), "prediction": as_text(rows.predictions[kept])}
    )
    labels = sorted(set(frame.to_numpy().ravel()))
    if len(labels) < 2:
        yield OmittedSection(title, "the rows have a single label")
        return
    definition = DataDefinition(
        categorical_columns=list(frame), classification=[label_task(labels)]
    )
    yield Section(title, [Accuracy(tests=[gte(test.least)])], definition, frame)
