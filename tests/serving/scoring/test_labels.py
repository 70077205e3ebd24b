"""A label may be sent in any way that leaves no doubt."""

import pytest

from pipeline.data.schema import Bin, Schema
from serving.errors import Invalid
from serving.scoring.labels import read_label

DIGITS = Schema("tabular", "digit", ("1", "7", "True"), ())
CITIES = Schema("tabular", "city", ("Lyon", "Nice", "nice"), ())
RENTS = Schema(
    "tabular",
    "rent",
    ("high (≥ 900)", "low (< 500)", "middle (500 to 900)"),
    (),
    bins=(Bin("low (< 500)", None), Bin("middle (500 to 900)", 500), Bin("high (≥ 900)", 900)),
)


@pytest.mark.parametrize(
    ("schema", "given", "label"),
    [
        (DIGITS, 7, "7"),
        (DIGITS, 7.0, "7"),
        (DIGITS, " 7", "7"),
        (DIGITS, True, "True"),
        (CITIES, "lyon ", "Lyon"),
        (CITIES, "Nice", "Nice"),
        (CITIES, "nice", "nice"),
        (RENTS, "low (< 500)", "low (< 500)"),
        (RENTS, 499.9, "low (< 500)"),
        (RENTS, 500, "middle (500 to 900)"),
        (RENTS, "1 234,50 €", "high (≥ 900)"),
        (RENTS, "-3", "low (< 500)"),
    ],
)
def test_the_label_that_is_meant(schema, given, label):
    assert read_label(schema, "target", given) == label


@pytest.mark.parametrize(
    ("schema", "given"), [(DIGITS, 8), (DIGITS, False), (CITIES, "NICE"), (RENTS, "much")]
)
def test_what_could_be_no_label_or_two_is_refused(schema, given):
    with pytest.raises(Invalid, match="is not a label of this dataset"):
        read_label(schema, "target", given)
