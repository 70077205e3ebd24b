from dataclasses import dataclass

import pytest

from reporting.windows.window_quality import measure_quality


@dataclass(frozen=True)
class Feature:
    name: str
    type: str
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    example: float | None = None


AGE = Feature("age", "integer", 0, 120)
PLAN = Feature("plan", "category", categories=("basic", "pro"))
ACTIVE = Feature("active", "boolean")


def measure(feature, *values):
    return measure_quality([feature], [{feature.name: value} for value in values]).features[0]


def test_clean_rows_have_no_fault():
    rows = [
        {"age": 30, "plan": "pro", "active": True},
        {"age": 40, "plan": "basic", "active": False},
    ]
    quality = measure_quality([AGE, PLAN, ACTIVE], rows)
    assert (quality.rows, quality.duplicates) == (2, 0)
    assert all(not (f.missing or f.out_of_range or f.new_category) for f in quality.features)


def test_none_nan_and_empty_text_are_missing():
    assert measure(AGE, 30, None, float("nan"), "").missing == 3


def test_an_absent_feature_is_missing():
    assert measure_quality([AGE], [{}, {"age": 30}]).features[0].missing == 1


@pytest.mark.parametrize("value", [-1, 121, float("inf"), "many", [1], 10**400])
def test_what_no_range_holds_is_out_of_range(value):
    assert measure(AGE, 30, 31, value).out_of_range == 1


def test_the_ends_of_the_range_are_within():
    assert measure(AGE, 0, 120).out_of_range == 0


def test_a_category_that_the_reference_never_had_is_new():
    assert measure(PLAN, "pro", "basic", "gold", "gold").new_category == 2


def test_rows_are_damaged_by_any_of_their_features():
    """Damage to a third of the rows once raised no alert: each feature had a small share of it."""
    rows = [{"age": None, "plan": "pro"}, {"age": 30, "plan": None}, {"age": 30, "plan": "gold"}]
    damaged = measure_quality([AGE, PLAN], rows).damaged
    assert damaged == {"missing": 2, "out_of_range": 0, "new_category": 1}


def test_a_row_with_two_faults_of_a_kind_counts_once():
    assert measure_quality([AGE, PLAN], [{"age": None, "plan": None}]).damaged["missing"] == 1


@pytest.mark.parametrize(("value", "rows"), [(121, 0), (180, 0), (181, 1), (-61, 1), ("many", 1)])
def test_a_number_damages_its_row_when_it_is_far_out_of_range(value, rows):
    """Of thirty features one is a little out of range in every fifteenth row, as it should be."""
    assert measure_quality([AGE], [{"age": value}]).damaged["out_of_range"] == rows


def test_a_frozen_sensor_is_a_constant_feature():
    assert measure(AGE, 30, 30, 30).constant
    assert not measure(AGE, 30, 31).constant


def test_a_feature_that_was_always_constant_is_not_told():
    assert not measure(Feature("pixel_0", "number", 0, 0), 0, 0, 0).constant


def test_a_pixel_that_is_dark_as_in_the_example_is_not_stuck():
    """Ordinary digits once raised an alert: a rare pixel is dark in a whole window."""
    pixel = Feature("pixel_0", "number", 0, 16, example=0.0)
    assert not measure(pixel, 0, 0, 0).constant
    assert measure(pixel, 7, 7, 7).constant


def test_repeated_rows_are_duplicates():
    rows = [{"age": 30}, {"age": 30}, {"age": 31}, {"age": 30}]
    assert measure_quality([AGE], rows).duplicates == 2


def test_an_empty_window_counts_nothing():
    quality = measure_quality([AGE, PLAN], [])
    assert (quality.rows, quality.duplicates, quality.features[0].constant) == (0, 0, False)


def test_without_features_nothing_is_a_duplicate():
    assert measure_quality([], [{"age": 1}, {"age": 1}]).duplicates == 0
