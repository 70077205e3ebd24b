"""The promise, by counting what chance does to the numbers that it is made of."""

import numpy as np
import pytest

from reporting.drift.dependence import categories_worth, rows_worth
from reporting.drift.promise import PASS_LEVEL, YEAR, level_of_a_test, twice_by_chance


@pytest.mark.parametrize("common", [0.0, 0.1, 0.5])
def test_two_windows_against_one_reference_are_beyond_as_often_as_they_are_drawn(common):
    random = np.random.default_rng(1)
    shared = random.normal(size=1_000_000)
    one, other = (
        np.sqrt(common) * shared + np.sqrt(1 - common) * random.normal(size=len(shared))
        for _ in range(2)
    )
    limit = 1.96
    drawn = ((one > limit) & (other > limit)) | ((one < -limit) & (other < -limit))
    assert twice_by_chance(0.05, common) == pytest.approx(drawn.mean(), rel=0.1)


def test_over_a_year_of_passes_as_many_alarms_hold_as_are_promised():
    level = level_of_a_test(1.0, 15.0, tests=40, common=0.1)
    passes = YEAR / 15.0
    assert passes * 40 * twice_by_chance(level, 0.1) == pytest.approx(1.0, rel=1e-3)


def test_no_pass_is_more_likely_to_find_something_by_chance_than_is_said():
    level = level_of_a_test(1_000.0, 3_600.0, tests=40, common=0.1)
    assert level == PASS_LEVEL / 40


def test_rows_that_repeat_the_last_are_worth_fewer():
    random = np.random.default_rng(2)
    values = random.normal(size=2_000)
    repeated = np.repeat(values[:500], 4)
    assert rows_worth(values) > 1_500
    assert rows_worth(repeated) < 700


def test_a_step_in_a_window_is_not_taken_for_memory():
    values = np.random.default_rng(3).normal(size=500)
    values[250:] += 3
    assert rows_worth(values, most_variance=1.0) > 400


def test_categories_that_repeat_the_last_are_worth_fewer():
    places = np.random.default_rng(4).integers(0, 3, 500)
    assert categories_worth(places) > 350
    assert categories_worth(np.repeat(places[:125], 4)) < 200
