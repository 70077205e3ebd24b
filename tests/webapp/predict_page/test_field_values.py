"""Numbers and dates as people type them and as the dataset has them."""

import pytest
import streamlit as st

from webapp.client.schema import Feature, read_schema
from webapp.predict_page.field_values import (
    understand,
    understand_pasted,
    with_point,
    write_date,
    write_example,
)

PRICE = Feature("price", "number", 10.0, 90.0, (), 45.85, decimal=",")
POINT = Feature("fare", "number", 0.0, 9.0, (), 7.5)


@pytest.fixture(params=["en", "fr"])
def language(monkeypatch, request):
    monkeypatch.setitem(st.session_state, "language", request.param)
    return request.param


@pytest.mark.parametrize("typed", ["74.78", " 74.78 ", "74,78"])
def test_a_typed_number_is_understood_whatever_mark_the_dataset_has(language, typed):
    for feature in (PRICE, POINT):
        assert understand(feature, with_point(feature, typed)) == 74.78


def test_thousands_with_decimals_can_be_read_one_way_only(language):
    assert understand(PRICE, with_point(PRICE, "1,234.50")) == 1234.5


def test_a_pasted_point_is_understood_where_the_dataset_has_commas(language):
    """Serving refused it: must be a number with a decimal comma."""
    assert understand_pasted(PRICE, " 74.78 ") == 74.78
    assert understand_pasted(PRICE, "74,78") == "74,78"  # serving reads it as it read the file
    assert understand_pasted(POINT, "7.5") == "7.5"
    assert understand_pasted(PRICE, " ") is None


def test_what_may_be_a_thousand_is_one_to_who_writes_commas(language):
    assert understand_pasted(PRICE, "1.234") == (1.234 if language == "en" else "1.234")


@pytest.mark.parametrize(
    ("order", "written"),
    [
        ("", "2023-07-02"),
        ("year first", "2023-07-02"),
        ("day first", "02/07/2023"),
        ("month first", "07/02/2023"),
        ("eight digits", "20230702"),
    ],
)
def test_dates_are_written_as_the_dataset_has_them(order, written):
    bought = Feature("bought", "date", 19358.0, 19718.0, (), "2023-07-02", order=order)
    assert write_example(bought) == written
    assert write_date(19540.0, order) == written


def test_a_month_by_name_is_named_in_the_language_of_the_page(language):
    bought = Feature("bought", "date", 0.0, 1.0, (), "2023-07-02", order="month by name")
    assert write_example(bought) == {"en": "2 July 2023", "fr": "2 juillet 2023"}[language]


def test_a_time_of_day_is_kept():
    bought = Feature("bought", "date", 0.0, 1.0, (), "2023-07-02T14:05:00", order="day first")
    assert write_example(bought) == "02/07/2023 14:05"
    assert write_date(0.5, "time of day") == "12:00"


def test_the_schema_tells_how_the_dataset_is_written():
    reading = {"decimal": ",", "order": "day first"}
    told = {"name": "a", "type": "number", "minimum": 0, "maximum": 1, "categories": []}
    body = {"kind": "tabular", "target": "t", "labels": [], "files": None, "image": None}
    body["features"] = [{**told, "example": 1, "reading": reading}, {**told, "example": 1}]
    first, second = read_schema(body, "1").features
    assert (first.decimal, first.order) == (",", "day first")
    assert (second.decimal, second.order) == (".", "")
