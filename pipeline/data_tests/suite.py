"""The suite: each test counts one thing in the new rows and holds it to the reference's."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.faults import FAR, count_duplicates, find_faults
from pipeline.data.schema import Feature, Schema
from pipeline.data.watched_features import watched_features
from pipeline.data_tests.drift_distance import (
    is_number,
    number_distance,
    present_values,
    shares_distance,
)
from pipeline.data_tests.limits import Limits
from pipeline.data_tests.result import Check, DataTest, Rows
from pipeline.setting_tables import DataTestSettings

RARE_WORD = 0.05  # of the texts; how often it comes scatters too much for a mean to tell
DRAWS = 5  # of the reference, each as long as the new rows, to count its duplicates


class Suite:
    """The tests of one schema against one reference."""

    def __init__(
        self, schema: Schema, reference: Rows, wanted: DataTestSettings, accuracy: float | None
    ) -> None:
        """`accuracy` is what is expected of the predictions; None leaves them alone."""
        self.schema = schema
        self.features = watched_features(schema)
        self.reference = reference
        self._wanted = wanted
        self._accuracy = accuracy
        self._limits = Limits(4 * len(self.features) + len(schema.labels) + 4)

    def run(self, rows: Rows) -> list[DataTest]:
        found = list(self._test_features(rows))
        found.append(self._test_duplicates(rows))
        found.append(self._test_constant(rows))
        found += self._test_labels(rows)
        found += self._test_accuracy(rows)
        return found

    def _test_features(self, rows: Rows) -> Iterator[DataTest]:
        sides = (self.reference.values.T, rows.values.T)
        for feature, before, now in zip(self.features, *sides, strict=True):
            yield from self._count_faults(feature, before, now)
            yield from self._measure_drift(feature, before, now)

    def _count_faults(self, feature: Feature, before: Numbers, now: Numbers) -> Iterator[DataTest]:
        wanted = self._wanted
        checks: list[tuple[Check, float]] = [
            ("missing", wanted.missing),
            ("out of range", wanted.out_of_range),
            ("new category", wanted.new_category),
        ]
        usual, found = (find_faults(feature, column, FAR) for column in (before, now))
        for (check, allowed), known, faults in zip(checks, usual, found, strict=True):
            if check == "out of range" and (not is_number(feature) or feature.minimum is None):
                continue
            if check == "new category" and feature.type != "category":
                continue
            counts = (int(known.sum()), len(before))
            most = self._limits.most_rows(len(now), *counts, allowed)
            yield DataTest(check, feature.name, int(faults.sum()), len(now), most)

    def _measure_drift(self, feature: Feature, before: Numbers, now: Numbers) -> Iterator[DataTest]:
        first, second = (present_values(feature, column) for column in (before, now))
        if len(first) == 0 or len(second) == 0 or _is_rare_word(feature, first):
            return
        sizes = (len(second), len(first))
        if is_number(feature):
            distance = number_distance(first, second)
            if distance is not None:
                most = self._limits.distance(*sizes, self._wanted.number_drift)
                yield DataTest("drift", feature.name, distance, len(second), most, unit=" sd")
        else:
            kinds = len(np.unique(first))
            most = self._limits.shares_distance(*sizes, kinds, self._wanted.category_drift)
            yield DataTest("drift", feature.name, shares_distance(first, second), sizes[0], most)

    def _test_duplicates(self, rows: Rows) -> DataTest:
        """Against draws of the reference as long as the new rows: more rows repeat more often."""
        random, reference = np.random.default_rng(0), self.reference.values
        drawn = min(len(rows), len(reference))
        repeats = [
            count_duplicates(reference[random.permutation(len(reference))[:drawn]])
            for _ in range(DRAWS)
        ]
        counts = (sum(repeats), DRAWS * drawn)
        most = self._limits.most_rows(len(rows), *counts, self._wanted.duplicates)
        return DataTest("duplicates", "", count_duplicates(rows.values), len(rows), most)

    def _test_constant(self, rows: Rows) -> DataTest:
        names = [
            feature.name
            for place, feature in self.varied(len(rows))
            if len(np.unique(present_values(feature, rows.values[:, place]))) <= 1
        ]
        return DataTest("constant", ", ".join(names), len(names), len(rows), 0, unit=" columns")

    def varied(self, rows: int) -> list[tuple[int, Feature]]:
        """The features that so many rows of the reference never have a single value of."""
        columns = enumerate(zip(self.features, self.reference.values.T, strict=True))
        return [
            (place, feature)
            for place, (feature, column) in columns
            if (1 - _unusual(feature, column)) ** rows < self._limits.level
        ]

    def _test_labels(self, rows: Rows) -> Iterator[DataTest]:
        targets, usual = rows.targets[rows.labelled], self.reference.targets
        if len(targets) < self._wanted.minimum_rows:
            return
        unknown = int((~np.isin(targets, self.schema.labels)).sum())
        most = self._limits.most_rows(len(targets), 0, len(usual), self._wanted.new_category)
        yield DataTest("unknown label", "", unknown, len(targets), most)
        for label in self.schema.labels:
            known, found = int((usual == label).sum()), int((targets == label).sum())
            allowed = self._wanted.label_share
            least, most = self._limits.share(len(targets), known, len(usual), allowed)
            yield DataTest("label share", label, found, len(targets), most, least)

    def _test_accuracy(self, rows: Rows) -> Iterator[DataTest]:
        labelled = rows.labelled
        count = int(labelled.sum())
        if self._accuracy is None or rows.predictions is None or count < self._wanted.minimum_rows:
            return
        right = float((rows.targets == rows.predictions)[labelled].mean())
        least = self._limits.least_accuracy(count, self._accuracy, self._wanted.accuracy)
        yield DataTest("accuracy", "", right, count, least=least)


def _unusual(feature: Feature, column: Numbers) -> float:
    """The share of rows that have a value, and another than the commonest."""
    present = present_values(feature, column)
    if len(present) == 0:
        return 0.0
    _, counts = np.unique(present, return_counts=True)
    return float(len(present) - counts.max()) / len(column)


def _is_rare_word(feature: Feature, counts: Numbers) -> bool:
    is_word = bool(feature.text) and not feature.network
    return is_word and float((counts > 0).mean()) < RARE_WORD


def failed_of(tests: Sequence[DataTest]) -> list[DataTest]:
    return [test for test in tests if not test.passed]
