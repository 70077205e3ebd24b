"""The type of a column is found from its cells, and its cells become numbers."""

import math

import numpy as np
import pytest

from pipeline.columns.column_encoding import encode_rows
from pipeline.columns.column_text import find_habits
from pipeline.columns.column_types import MOST_CATEGORIES, infer_column
from pipeline.data.schema import Feature
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.table import InvalidDataset


def table_of(folder, cells):
    path = folder / "some.csv"
    path.write_text("x,other\n" + "".join(f"{cell},o\n" for cell in cells), encoding="utf-8")
    return read_csv_table(path)


def report(folder, cells, **wanted):
    table, settings = table_of(folder, cells), DatasetSettings(**wanted)
    return infer_column(table, "x", settings, find_habits(table, ["x"], settings))


def infer(folder, cells, **wanted):
    return report(folder, cells, **wanted).feature


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", ""], "integer"),
        (["1.0", "-2", "NA"], "integer"),
        (["1.5", "2", "null"], "number"),
        (["1e-3", " 4 ", "?"], "number"),
        (["true", "False", ""], "boolean"),
        (["Yes", "no"], "boolean"),
        (["1", "0"], "integer"),
        (["red", "7", "blue"], "category"),
        (["2024-01-31", "2024-02-29"], "date"),
        (["Y", "N"], "category"),
        (["F", "F"], "category"),
        (["OUI", "oui", "Non"], "boolean"),
        (["ja", "nein"], "boolean"),
        (["01000", "75002"], "category"),
        (["14:30", "09:05"], "date"),
    ],
)
def test_the_type_of_a_column_is_found(tmp_path, cells, kind):
    assert infer(tmp_path, cells).type == kind


def test_numbers_are_categories_where_the_settings_say_so(tmp_path):
    feature = infer(tmp_path, ["8001", "3000", "3000"], categorical=["x"])
    assert (feature.type, feature.categories, feature.example) == (
        "category",
        ("3000", "8001"),
        "3000",
    )


def test_a_number_knows_its_range_and_a_middle_value(tmp_path):
    feature = infer(tmp_path, ["3", "", "1", "200"])
    assert (feature.minimum, feature.maximum, feature.example) == (1, 200, 3)


def test_rare_categories_share_the_bucket_of_the_unseen(tmp_path):
    cells = [f"c{n}" for n in range(MOST_CATEGORIES)] * 2 + ["rare"]
    feature = infer(tmp_path, cells)
    assert "rare" not in feature.categories
    assert encode_rows(table_of(tmp_path, ["rare"]), [feature])[0, 0] == MOST_CATEGORIES + 1


def test_text_with_commas_and_digits_is_a_category(tmp_path):
    assert infer(tmp_path, ['"1,5"', "none", '"12, rue X"']).type == "category"


def test_text_among_numbers_is_refused_with_its_line(tmp_path):
    with pytest.raises(InvalidDataset, match=r"line 4, column 'x': 'abc' is not a finite number"):
        infer(tmp_path, ["1", "2", "abc", "4"])


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e39", "1e400", "+nan"])
def test_a_number_that_no_classifier_can_hold_is_refused(tmp_path, cell):
    with pytest.raises(InvalidDataset, match=r"line 3, column 'x': '.*' is not a finite number"):
        infer(tmp_path, ["1", cell, "4"])


def test_a_column_of_empty_cells_has_no_feature(tmp_path):
    assert report(tmp_path, ["", "NA", " "]).left_out == "empty"


def test_cells_become_numbers_and_gaps(tmp_path):
    features = [Feature("x", "number")]
    rows = encode_rows(table_of(tmp_path, ["1.5", "", "-2e3", "none"]), features)[:, 0]
    assert np.array_equal(rows, [1.5, math.nan, -2000, math.nan], equal_nan=True)


@pytest.mark.parametrize(
    ("feature", "cells", "numbers"),
    [
        (Feature("x", "boolean"), ["yes", "FALSE", "1"], [1, 0, 1]),
        (Feature("x", "category", categories=("a", "b")), ["b", "new", "", "a"], [1, 3, 2, 0]),
    ],
)
def test_words_become_numbers(tmp_path, feature, cells, numbers):
    assert encode_rows(table_of(tmp_path, cells), [feature])[:, 0].tolist() == numbers


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        ("number", "abc", "must be a number, or empty if unknown"),
        ("integer", "1e39", "must lie between -3.402823e"),
        ("number", "inf", "must lie between -3.402823e"),
        ("boolean", "maybe", "must be true or false, or empty if unknown"),
        ("boolean", "2", "must be true, false or null"),
    ],
)
def test_a_cell_that_does_not_fit_its_feature_is_refused_with_its_line(
    tmp_path, kind, cell, reason
):
    with pytest.raises(InvalidDataset) as refusal:
        encode_rows(table_of(tmp_path, ["1", cell]), [Feature("x", kind)])
    assert f"some.csv, line 3, column 'x': {reason}" in str(refusal.value)
