import numpy as np
import pytest

from pipeline.data.schema import Feature, word_features
from reporting.windows.window_quality import measure_quality

AGE = Feature("age", "integer", 0.0, 120.0)
PLAN = Feature("plan", "category", categories=("basic", "pro"))
ACTIVE = Feature("active", "boolean")
BASIC, PRO, MISSING, NEW = 0.0, 1.0, 2.0, 3.0
NAN = float("nan")


def rows(*values):
    return np.array(values, dtype=np.float64)


def measure(feature, *values):
    return measure_quality([feature], rows(*([value] for value in values))).features[0]


def test_clean_rows_have_no_fault():
    quality = measure_quality([AGE, PLAN, ACTIVE], rows([30, PRO, 1], [40, BASIC, 0]))
    assert (quality.rows, quality.duplicates) == (2, 0)
    assert not any(feature.faults for feature in quality.features)


def test_what_is_missing_is_counted():
    assert measure(AGE, 30, NAN, NAN).missing == 2
    assert measure(PLAN, PRO, MISSING).missing == 1
    assert measure(ACTIVE, NAN, 1).missing == 1


@pytest.mark.parametrize("value", [-1, 121])
def test_what_no_range_holds_is_out_of_range(value):
    assert measure(AGE, 30, 31, value).out_of_range == 1


def test_the_ends_of_the_range_are_within():
    assert measure(AGE, 0, 120).out_of_range == 0


def test_a_category_that_the_reference_never_had_is_new():
    assert measure(PLAN, PRO, BASIC, NEW, NEW).new_category == 2


def test_rows_are_damaged_by_any_of_their_features():
    """Damage to a third of the rows once raised no alert: each feature had a small share of it."""
    damaged = measure_quality([AGE, PLAN], rows([NAN, PRO], [30, MISSING], [30, NEW])).damaged
    assert damaged == {"missing": 2, "out_of_range": 0, "new_category": 1}


def test_a_row_with_two_faults_of_a_kind_counts_once():
    assert measure_quality([AGE, PLAN], rows([NAN, MISSING])).damaged["missing"] == 1


@pytest.mark.parametrize(("value", "damaged"), [(121, 0), (180, 0), (181, 1), (-61, 1)])
def test_a_number_damages_its_row_when_it_is_far_out_of_range(value, damaged):
    """Of thirty features one is a little out of range in every fifteenth row, as it should be."""
    assert measure_quality([AGE], rows([value])).damaged["out_of_range"] == damaged


def test_a_frozen_sensor_is_a_constant_feature():
    assert measure(AGE, 30, 30, 30).constant
    assert not measure(AGE, 30, 31).constant
    assert measure(PLAN, PRO, PRO).constant


def test_a_feature_that_was_always_constant_is_not_told():
    assert not measure(Feature("pixel_0", "number", 0.0, 0.0), 0, 0, 0).constant


def test_a_block_that_is_dark_as_in_the_example_is_not_stuck():
    """Ordinary digits once raised an alert: a rare pixel is dark in a whole window."""
    pixel = Feature("pixel_0", "number", 0.0, 16.0, example=0.0)
    assert not measure(pixel, 0, 0, 0).constant
    assert measure(pixel, 7, 7, 7).constant


def test_repeated_rows_are_duplicates():
    assert measure_quality([AGE], rows([30], [30], [31], [30])).duplicates == 2
    assert measure_quality([AGE], rows([NAN], [30], [NAN])).duplicates == 1


def test_an_empty_window_counts_nothing():
    quality = measure_quality([AGE, PLAN], np.empty((0, 2)))
    assert (quality.rows, quality.duplicates, quality.features[0].constant) == (0, 0, False)


def test_a_text_is_missing_once_and_not_with_each_of_its_words():
    words = word_features("review", ["bad", "good", "room"])
    quality = measure_quality([AGE, *words], rows([30, 1, 0, 1], [40, NAN, NAN, NAN]))
    assert [(one.name, one.missing) for one in quality.features] == [("age", 0), ("review", 1)]
