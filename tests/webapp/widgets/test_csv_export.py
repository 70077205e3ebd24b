import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.widgets.csv_export import guard, write_csv

DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    "\uff1d1+1",
    "-inf",
    "-1_0",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_cell_that_could_run_is_made_text(cell):
    assert guard(cell) == "'" + cell


@pytest.mark.parametrize("cell", [-1.5, "-1.5", "-1e-07", 7, "plain", "a=b", ""])
def test_numbers_and_plain_text_stay_as_they_are(cell):
    assert guard(cell) == str(cell)


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; @x;b", "a;' @x;b"),
        ('a;"=1', "a;'\"=1"),
        ("=1;=2", "'=1;'=2"),
        ("Bern; Basel", "Bern; Basel"),
    ],
)
def test_a_part_behind_a_semicolon_is_a_cell_where_commas_are_decimal_points(cell, guarded):
    assert guard(cell) == guarded


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=1))
def test_no_text_leaves_a_cell_that_starts_a_formula(row):
    text = write_csv(["a"] * len(row), [row]).decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text, newline="")))[1]
    for cell in cells:
        assert not cell.lstrip(" ").startswith(("=", "@", "\t", "\r"))
