"""A made table with a reference, fresh rows like it, and faults to put into them."""

from dataclasses import replace

import numpy as np

from pipeline.data.schema import Feature, Schema
from pipeline.data_tests.result import Rows
from pipeline.data_tests.suite import Suite
from pipeline.setting_tables import DataTestSettings

WEIGHT, COUNT, TOWN, MEMBER = range(4)
TOWNS = ("Basel", "Bern", "Uri")
SCHEMA = Schema(
    "tabular",
    "target",
    ("no", "yes"),
    (
        Feature("weight", "number", 0.0, 10.0),
        Feature("count", "integer", 0.0, 9.0),
        Feature("town", "category", categories=TOWNS),
        Feature("member", "boolean"),
    ),
)


def draw(rows, seed):
    """Weights, counts, towns with a few unknown ones, and truth values, a tenth of them missing."""
    random = np.random.default_rng(seed)
    values = np.column_stack(
        [
            random.beta(4, 4, rows) * 10,
            random.integers(0, 10, rows),
            random.choice([0, 1, 2, 3], rows, p=[0.5, 0.3, 0.18, 0.02]),
            np.where(random.random(rows) < 0.1, np.nan, random.random(rows) < 0.4),
        ]
    )
    targets = random.choice(["no", "yes"], rows, p=[0.7, 0.3])
    return Rows(values, targets, np.where(random.random(rows) < 0.9, targets, "no"))


def make_suite(accuracy=0.9, **wanted):
    return Suite(SCHEMA, draw(1_000, 0), DataTestSettings(**wanted), accuracy)


def with_values(rows, column, values, share=1.0):
    """The rows with other values in the first rows of a column."""
    changed = rows.values.copy()
    changed[: round(share * len(rows)), column] = values
    return replace(rows, values=changed)


def repeat_rows(rows, share):
    changed = rows.values.copy()
    count = round(share * len(rows))
    changed[:count] = changed[-count:]
    return replace(rows, values=changed)


FAULTS = {
    "missing": lambda rows: with_values(rows, WEIGHT, np.nan, 0.1),
    "out of range": lambda rows: with_values(rows, WEIGHT, 50.0, 0.05),
    "new category": lambda rows: with_values(rows, TOWN, len(TOWNS) + 1, 0.05),
    "drift": lambda rows: with_values(rows, WEIGHT, rows.values[:, WEIGHT] / 10),
    "duplicates": lambda rows: repeat_rows(rows, 0.1),
    "constant": lambda rows: with_values(rows, COUNT, 4),
    "unknown label": lambda rows: replace(
        rows, targets=np.where(np.arange(len(rows)) < 0.05 * len(rows), "perhaps", rows.targets)
    ),
    "label share": lambda rows: replace(rows, targets=np.full(len(rows), "yes")),
    "accuracy": lambda rows: replace(
        rows, predictions=np.where(rows.targets == "yes", "no", "yes")
    ),
}
