import numpy as np
import pytest
from scipy import stats

from pipeline.data.schema import Feature, word_features
from reporting.distributions.numeric_tests import ks_test, numeric_column, rank_test, wasserstein
from reporting.drift.dataset_drift import RESIDUAL, DatasetDrift, compare, say_found
from reporting.drift.diagnosis import is_damage
from reporting.drift.policy import Rule
from reporting.drift.reference_columns import make_family
from reporting.insufficient import Insufficient

AGE = Feature("age", "number", -5.0, 5.0)
INCOME = Feature("income", "number", -5.0, 5.0)
PLAN = Feature("plan", "category", categories=("basic", "gold", "pro"))
ACTIVE = Feature("active", "boolean")
FEATURES = (AGE, INCOME, PLAN, ACTIVE)
AGE_AT, INCOME_AT, PLAN_AT, ACTIVE_AT = range(4)
MISSING, NEW = 3.0, 4.0  # places of a plan


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def draw(rng, rows):
    """Income goes with age; plan and active with nothing."""
    age = rng.normal(size=rows)
    income = 0.8 * age + 0.6 * rng.normal(size=rows)
    plan = rng.choice([0.0, 1.0, 2.0], rows, p=[0.5, 0.3, 0.2])
    return np.column_stack([age, income, plan, rng.random(rows) < 0.4])


@pytest.fixture
def reference(rng):
    return make_family("features", FEATURES, draw(rng, 4_000), 200, linked=True)


def look(reference, window, **rule):
    return compare([reference], {"features": window}, Rule(**rule))


def told(result):
    assert isinstance(result, DatasetDrift)
    return {column.name: column.words for column in result.found}


def numbers(name, values, family="features"):
    return make_family(family, [Feature(name, "number")], np.asarray(values)[:, None], 200)


@pytest.mark.parametrize("decimals", [0, 1, 12])
def test_the_tests_are_those_of_scipy_with_and_without_ties(rng, decimals):
    before, now = rng.normal(3, 2, 700).round(decimals), rng.normal(3.3, 2, 300).round(decimals)
    known = numeric_column(before)
    window = np.sort(known.standardise(now))
    p_value = stats.ks_2samp(before, now, method="asymp").pvalue
    assert ks_test(known, window, 300, tolerance=0) == pytest.approx(p_value, rel=1e-5)
    distance = stats.wasserstein_distance(before, now) / before.std()
    assert wasserstein(known, window) == pytest.approx(distance)
    ranks = stats.mannwhitneyu(before, now, use_continuity=False).pvalue
    assert rank_test(known, window, 300, tolerance=0) == pytest.approx(ranks, rel=0.3)


def test_rows_of_the_same_distribution_do_not_drift(rng, reference):
    result = look(reference, draw(rng, 500))
    assert (result.drifted, result.cause, result.share) == (False, "none", 0)


def test_rare_words_of_calm_texts_do_not_drift_and_those_of_others_do(rng):
    """By the normal distribution they did in every fourth window."""
    shares = np.concatenate([[0.3, 0.1], np.full(98, 0.004)])
    words = word_features("review", [f"word{number}" for number in range(100)])
    known = make_family("features", words, rng.random((4_000, 100)) < shares, 200, linked=True)
    for _ in range(20):
        assert told(look(known, (rng.random((300, 100)) < shares).astype(float))) == {}
    other = (rng.random((300, 100)) < shares[::-1]).astype(float)
    assert {"review: word0", "review: word99"} <= told(look(known, other)).keys()


def test_a_missing_text_is_told_once_and_not_with_each_of_its_words(rng):
    words = word_features("review", ["bad", "good", "room"])
    known = make_family("features", words, rng.random((4_000, 3)) < 0.4, 200)
    window = (rng.random((500, 3)) < 0.4).astype(float)
    window[::10] = np.nan
    assert told(look(known, window)) == {"review: bad": "is missing in 10.0% instead of 0.0%"}


def test_a_moved_feature_is_named_with_size_and_direction(rng, reference):
    window = draw(rng, 500)
    window[:, AGE_AT] += 0.4
    assert told(look(reference, window))["age"].startswith("is 0.")
    assert told(look(reference, window))["age"].endswith("sd higher")
    moved = look(reference, window).found[0]
    assert moved.effect == pytest.approx(0.4, abs=0.1)
    window[:, AGE_AT] -= 0.8
    assert told(look(reference, window))["age"].endswith("sd lower")


def test_other_units_are_told(rng):
    known = numbers("length", rng.gamma(4, 10, 4_000))
    result = look(known, rng.gamma(4, 1_000, 500)[:, None])
    assert told(result) == {"length": "is about 100 times as large"}


def test_a_frozen_feature_is_told(rng, reference):
    window = draw(rng, 500)
    window[:, AGE_AT] = 0.25
    window[:, PLAN_AT] = 0.0
    words = told(look(reference, window))
    assert "is frozen at 0.25" in words["age"]
    assert "is always 'basic'" in words["plan"]  # as it is often: that may be a season


def test_missing_values_are_told_with_their_share(rng, reference):
    window = draw(rng, 500)
    window[::10, AGE_AT] = np.nan
    window[::10, PLAN_AT] = MISSING
    words = told(look(reference, window))
    assert words["age"] == "is missing in 10.0% instead of 0.0%"
    assert words["plan"] == "is missing in 10.0% instead of 0.0%"


def test_a_feature_without_any_value_is_missing(rng, reference):
    window = draw(rng, 500)
    window[:, AGE_AT] = np.nan
    assert told(look(reference, window))["age"] == "is missing in 100.0% instead of 0.0%"


def test_a_new_category_is_told(rng, reference):
    window = draw(rng, 500)
    window[::20, PLAN_AT] = NEW
    assert told(look(reference, window)) == {"plan": "has a new category in 5.0%"}


def test_a_category_that_comes_more_often_is_told(rng, reference):
    window = draw(rng, 500)
    window[::3, PLAN_AT] = 2.0
    assert told(look(reference, window))["plan"].startswith("is 'pro' ")


def test_a_boolean_drifts_as_a_category(rng, reference):
    window = draw(rng, 500)
    window[:, ACTIVE_AT] = rng.random(500) < 0.7
    assert told(look(reference, window))["active"].endswith("points more often")


def test_values_far_outside_the_range_are_told(rng, reference):
    window = draw(rng, 500)
    window[::25, AGE_AT] = 90.0
    assert "is far out of range in 4%" in told(look(reference, window))["age"]


def test_values_in_the_wrong_rows_are_told_by_the_lost_correlation(rng, reference):
    """Every column has the distribution that it always had."""
    window = draw(rng, 500)
    window[:, INCOME_AT] = rng.permutation(window[:, INCOME_AT])
    (words,) = told(look(reference, window)).values()
    assert "no longer goes with" in words


def test_a_move_too_small_to_matter_is_no_drift_however_significant(rng):
    known = numbers("a", rng.normal(size=50_000))
    (found,) = look(known, rng.normal(0.06, 1, 50_000)[:, None]).columns
    assert found.score < found.threshold
    assert not found.drifted


def test_noise_that_breaks_ties_is_no_drift(rng):
    """Half of the values are 0; a hair beside it, they rank quite differently."""
    values = np.maximum(rng.normal(size=4_500), 0.0)
    window = values[4_000:] + np.abs(rng.normal(0, 0.005, 500))
    assert not look(numbers("a", values[:4_000]), window[:, None]).drifted


def test_rows_that_depend_on_each_other_are_no_drift(rng, reference):
    """Tests for independent rows find drift in every third window of these."""
    found = 0
    for _ in range(30):
        window = draw(rng, 500)
        for row in range(1, 500):
            if rng.random() < 0.6:
                window[row] = window[row - 1]
        found += look(reference, window).drifted
    assert found <= 2


def test_a_rare_truth_that_comes_in_runs_is_no_drift(rng):
    """Holidays, of which a window holds one or none."""
    known = make_family("features", [ACTIVE], (rng.random(4_000) < 0.01)[:, None] * 1.0, 200)
    window = np.zeros((500, 1))
    window[240:252] = 1.0
    assert not look(known, window).drifted


def test_a_promise_of_fewer_false_alarms_makes_the_threshold_stricter(rng, reference):
    window = draw(rng, 500)
    usual, strict = (
        look(reference, window, false_alarms_per_year=promised).columns[0].threshold
        for promised in (1, 0.01)
    )
    assert strict < usual / 5


def test_families_share_the_promise_and_the_residual_is_no_part_of_the_share(rng):
    known = [numbers("age", rng.normal(size=4_000)), numbers(RESIDUAL, rng.chisquare(5, 2_000))]
    known[1] = numbers(RESIDUAL, rng.chisquare(5, 2_000), "residual")
    window = {
        "features": rng.normal(size=(500, 1)),
        "residual": rng.chisquare(5, (500, 1)) + 1,
    }
    result = compare(known, window)
    assert (result.drifted, result.cause, result.share) == (True, "residual", 0)


def test_a_feature_that_moved_is_told_before_the_residual(rng):
    known = [
        numbers("age", rng.normal(size=4_000)),
        numbers(RESIDUAL, rng.chisquare(5, 2_000), "residual"),
    ]
    window = {"features": rng.normal(0.5, 1, (500, 1)), "residual": rng.chisquare(9, (500, 1))}
    result = compare(known, window)
    assert result.cause == "features"
    assert say_found(result.found).startswith("`age` is ")


@pytest.mark.parametrize("rows", [0, 199])
def test_too_few_rows_have_a_reason_and_no_number(rng, reference, rows):
    result = look(reference, draw(rng, rows))
    assert result == Insufficient(rows, f"{rows} rows in the window, at least 200 are needed")


def test_a_window_without_columns_is_insufficient(reference):
    assert isinstance(compare([reference], {}), Insufficient)


def test_a_reference_column_with_too_few_values_is_named(rng):
    values = draw(rng, 2_000)
    values[100:, AGE_AT] = np.nan
    result = look(make_family("features", FEATURES, values, 200), draw(rng, 500))
    assert result.insufficient["age"].reason.startswith("100 numbers in the reference")
    assert [column.name for column in result.columns] == ["income", "plan", "active"]


@pytest.mark.parametrize("value", [0.0, 5.0, 1e300])
def test_a_constant_column_neither_crashes_nor_drifts_while_it_stays(value):
    assert not look(numbers("a", np.full(500, value)), np.full((300, 1), value)).drifted


@pytest.mark.parametrize("change", [-1.0, 1.0])
def test_a_constant_column_that_moved_drifted(change):
    assert look(numbers("a", np.full(500, 5.0)), np.full((300, 1), 5.0 + change)).drifted


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
def test_odd_values_in_the_window_give_finite_scores(rng, value):
    window = rng.normal(size=(500, 1))
    window[:50] = value
    (found,) = look(numbers("a", rng.normal(size=2_000)), window).columns
    assert np.isfinite([found.score, found.effect]).all()


def test_fewer_missing_values_are_told_and_no_damage(rng):
    before, now = rng.normal(size=4_000), rng.normal(size=500)
    before[rng.random(4_000) < 0.3] = np.nan
    found = compare([numbers("age", before)], {"features": now[:, None]}).found[0]
    assert (found.method, found.change) == ("filled", "of the rows fewer missing")
    assert not is_damage(found)
