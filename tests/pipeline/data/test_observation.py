"""A raw observation becomes a row of numbers, or is refused with the field and the reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.observation import (
    InvalidObservation,
    canonical_label,
    encode,
    encode_observation,
    encode_values,
    parse_cell,
)
from pipeline.data.revealing import reveal
from pipeline.data.schema import Feature, Reading, Schema, word_features

PRICE = Feature("price", "number")
VISITS = Feature("visits", "integer")
LOYAL = Feature("loyal", "boolean")
CITY = Feature("city", "category", categories=("1.50", "7", "Bern", "true"))
SCHEMA = Schema("tabular", "target", ("a", "b"), (PRICE, VISITS, LOYAL, CITY))


def test_names_may_come_in_any_order():
    features = {"city": "Bern", "loyal": True, "price": 1.5, "visits": 3}
    assert encode_observation(SCHEMA, features) == [1.5, 3, 1, 2]


def test_a_list_comes_in_the_order_of_the_schema():
    assert encode_observation(SCHEMA, [1.5, 3, False, "Bern"]) == [1.5, 3, 0, 2]


@pytest.mark.parametrize("column", [CITY, PRICE, Feature("note", "text", categories=("clean",))])
def test_a_text_with_a_nul_is_refused_as_in_a_file(column):
    """A category never seen could hold one, and PostgreSQL then refused the record."""
    schema = Schema("tabular", "target", ("a", "b"), (*word_features("note", ("clean",)), PRICE))
    with pytest.raises(InvalidObservation, match="holds a NUL"):
        encode_values([column], ["7\0"])
    with pytest.raises(InvalidObservation, match="note: holds a NUL"):
        encode_observation(schema, {"note": "clean\0", "price": 1.5})


def test_null_is_a_missing_value():
    price, visits, loyal, city = encode_observation(SCHEMA, [None] * 4)
    assert math.isnan(price)
    assert math.isnan(visits)
    assert math.isnan(loyal)
    assert city == len(CITY.categories)


@pytest.mark.parametrize(
    ("order", "written"),
    [
        ("year first", "2023-07-02"),
        ("day first", "02/07/2023"),
        ("month first", "07/02/2023"),
        ("eight digits", "20230702"),
        ("month by name", "2023-07-02"),
    ],
)
def test_what_is_no_date_is_refused_with_one_in_the_form_of_the_column(order, written):
    """It said "a date such as 2023-07-02 (day first)"."""
    bought = Feature("bought", "date", example="2023-07-02", reading=Reading(order=order))
    with pytest.raises(InvalidObservation) as refused:
        parse_cell(bought, "soon")
    assert refused.value.reason.startswith(f"must be a date such as {written} ({order})")


@pytest.mark.parametrize(
    ("features", "field", "reason"),
    [
        ({"price": 1}, "city", r"is missing \(3 missing; null says unknown\)"),
        ({"price": 1, "visits": 1, "loyal": 1, "city": "", "x": 1}, "features", "hold 1 that"),
        ([1, 2], "features", "2 values given, 4 expected"),
        (["one", 2, True, "x"], "price", "must be a number, or empty if unknown"),
        ([True, 2, True, "x"], "price", "must be a number or null, not true or false"),
        ([math.nan, 2, True, "x"], "price", "must lie between"),
        ([math.inf, 2, True, "x"], "price", "must lie between"),
        ([1e39, 2, True, "x"], "price", "must lie between"),
        ([10**400, 2, True, "x"], "price", "must lie between"),
        ([1, 2, "maybe", "x"], "loyal", "must be true or false, or empty if unknown"),
        ([1, 2, 2, "x"], "loyal", "must be true, false or null"),
        ([1, 2, True, ["x"]], "city", "must be text or null"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field(features, field, reason):
    with pytest.raises(InvalidObservation, match=reason) as refusal:
        encode_observation(SCHEMA, features)
    assert refusal.value.field == field


@pytest.mark.parametrize("value", [7, 7.0, "7"])
def test_a_number_is_the_category_that_looks_like_it(value):
    assert encode(CITY, value) == 1


@pytest.mark.parametrize(("value", "place"), [(1.5, 0), (True, 3), (False, 5), (8, 5), ("new", 5)])
def test_numbers_and_truth_find_their_category_or_the_bucket_of_the_unseen(value, place):
    assert encode(CITY, value) == place


@pytest.mark.parametrize("value", [7, 7.0, "7"])
def test_a_label_has_one_text_however_it_was_sent(value):
    assert canonical_label(value) == "7"


@pytest.mark.parametrize("text", ["", " ", "NA", "n/a", "NaN", "null", "None", "?"])
def test_a_cell_may_say_in_many_ways_that_it_is_missing(text):
    assert parse_cell(CITY, text) is None


PLACES = st.integers(0, len(CITY.categories) + 1).map(float)
NUMBERS = st.floats(-1e30, 1e30) | st.just(math.nan)
WHOLE = st.integers(-(2**50), 2**50).map(float) | st.just(math.nan)
TRUTH = st.sampled_from([0.0, 1.0, math.nan])


@given(st.tuples(NUMBERS, WHOLE, TRUTH, PLACES))
def test_what_is_revealed_decodes_to_the_same_row(row):
    again = encode_observation(SCHEMA, reveal(SCHEMA, row))
    assert str(again) == str(list(row)) or again == list(row)


def test_a_number_with_more_digits_than_python_spells_out_is_a_text_too():
    """str() raises ValueError beyond 4300 digits."""
    assert canonical_label(10**5000).startswith("0x")
