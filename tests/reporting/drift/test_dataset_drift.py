import numpy as np
import pytest
from scipy import stats

from reporting.drift.dataset_drift import RESIDUAL, DatasetDrift, compare
from reporting.drift.numeric_tests import ks_p_value, numeric_column, psi, wasserstein
from reporting.drift.policy import Rule
from reporting.drift.reference_columns import make_reference
from reporting.insufficient import Insufficient

METHODS = ["ks", "psi", "z", "wasserstein"]


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def draw(rng, rows, columns=10):
    return {f"PCA_{number + 1}": rng.normal(size=rows) for number in range(columns)}


def column(result, name):
    return next(found for found in result.columns if found.name == name)


@pytest.mark.parametrize("decimals", [0, 1, 12])
def test_ks_and_wasserstein_are_those_of_scipy_with_and_without_ties(rng, decimals):
    reference = rng.normal(3, 2, 700).round(decimals)
    window = rng.normal(3.3, 2, 300).round(decimals)
    known = numeric_column(reference)
    prepared = known.standardise(window)
    p_value = stats.ks_2samp(reference, window, method="asymp").pvalue
    distance = stats.wasserstein_distance(reference, window) / reference.std()
    assert ks_p_value(known, prepared) == pytest.approx(p_value)
    assert wasserstein(known, prepared) == pytest.approx(distance)


def test_psi_of_the_reference_itself_is_zero(rng):
    values = rng.normal(size=2_000)
    known = numeric_column(values)
    assert psi(known, known.standardise(values)) == pytest.approx(0)


def test_rows_of_the_same_distribution_do_not_drift(rng):
    result = compare(make_reference(draw(rng, 5_000)), draw(rng, 500))
    assert isinstance(result, DatasetDrift)
    assert (result.drifted, result.cause, result.share) == (False, "none", 0)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_a_moved_column_and_leaves_the_others(rng, method):
    names = [f"PCA_{number + 1}" for number in range(10)]
    reference = make_reference(draw(rng, 5_000), dict.fromkeys(names, method))
    window = draw(rng, 500)
    window["PCA_4"] = window["PCA_4"] + 0.6
    result = compare(reference, window)
    assert [found.name for found in result.columns if found.drifted] == ["PCA_4"]
    assert column(result, "PCA_4").method == method


@pytest.mark.parametrize("method", METHODS)
def test_direction_says_on_which_side_of_the_threshold_drift_lies(rng, method):
    reference = make_reference({"a": rng.normal(size=2_000)}, {"a": method})
    found = column(compare(reference, {"a": rng.normal(1, 1, 500)}), "a")
    assert found.direction == ("below" if method == "ks" else "above")
    assert found.drifted
    assert (found.score > found.threshold) == (found.direction == "above")


def test_methods_are_chosen_per_column(rng):
    reference = make_reference(draw(rng, 2_000, 3), {"PCA_2": "psi"})
    result = compare(reference, draw(rng, 500, 3))
    assert [found.method for found in result.columns] == ["ks", "psi", "ks"]


def test_an_unknown_method_is_refused_with_the_column_and_the_choice(rng):
    with pytest.raises(ValueError, match=r"PCA_1: 'chi2' is no drift method .*wasserstein"):
        make_reference(draw(rng, 2_000), {"PCA_1": "chi2"})


def test_a_move_too_small_to_matter_is_no_drift_however_significant(rng):
    reference = make_reference({"a": rng.normal(size=50_000)})
    found = column(compare(reference, {"a": rng.normal(0.06, 1, 50_000)}), "a")
    assert found.score < found.threshold
    assert not found.drifted


def test_a_third_of_the_columns_is_an_alarm(rng):
    window = {name: values + 0.3 for name, values in draw(rng, 500).items()}
    result = compare(make_reference(draw(rng, 5_000)), window)
    assert (result.drifted, result.cause) == (True, "share")


def test_one_column_that_moved_far_is_an_alarm(rng):
    window = draw(rng, 500)
    window["PCA_7"] = window["PCA_7"] + 0.4
    result = compare(make_reference(draw(rng, 5_000)), window)
    assert (result.drifted, result.cause, result.share) == (True, "effect", 0.1)


def test_the_share_that_alarms_is_a_setting(rng):
    window = draw(rng, 500)
    window["PCA_7"] = window["PCA_7"] + 0.4
    rule = Rule(alarm_share=0.2, alarm_effect=9.0)
    assert not compare(make_reference(draw(rng, 5_000)), window, rule).drifted


def test_the_residual_alarms_alone_and_is_no_part_of_the_share(rng):
    reference = make_reference(draw(rng, 5_000) | {RESIDUAL: rng.chisquare(5, 2_000)})
    result = compare(reference, draw(rng, 500) | {RESIDUAL: rng.chisquare(5, 500) + 1})
    assert (result.drifted, result.cause, result.share) == (True, "residual", 0)


@pytest.mark.parametrize("method", ["chi2", "psi"])
def test_a_categorical_column_drifts_when_its_shares_do(rng, method):
    reference = make_reference({"plan": rng.choice(["a", "b", "c"], 5_000)}, {"plan": method})
    same = compare(reference, {"plan": rng.choice(["a", "b", "c"], 500)})
    other = compare(reference, {"plan": rng.choice(["a", "b", "c"], 500, p=[0.6, 0.2, 0.2])})
    assert (same.drifted, other.drifted) == (False, True)


@pytest.mark.parametrize("method", ["chi2", "psi"])
def test_a_category_that_the_reference_never_had_is_drift(rng, method):
    reference = make_reference({"plan": rng.choice(["a", "b"], 5_000)}, {"plan": method})
    result = compare(reference, {"plan": rng.choice(["a", "b", "new"], 500)})
    assert column(result, "plan").drifted


def test_a_category_per_row_has_no_number(rng):
    reference = make_reference({"id": [f"r{row}" for row in range(2_000)]})
    result = compare(reference, {"id": [f"w{row}" for row in range(500)]})
    assert result == Insufficient(500, "no column has enough usable rows")


@pytest.mark.parametrize("rows", [0, 199])
def test_too_few_rows_have_a_reason_and_no_number(rng, rows):
    result = compare(make_reference(draw(rng, 2_000)), draw(rng, rows))
    assert result == Insufficient(rows, f"{rows} rows in the window, at least 200 are needed")


def test_a_window_without_columns_is_insufficient(rng):
    assert isinstance(compare(make_reference(draw(rng, 2_000)), {}), Insufficient)


def test_a_column_without_values_is_named_and_the_others_are_compared(rng):
    window = draw(rng, 500) | {"PCA_2": np.full(500, np.nan)}
    del window["PCA_3"]
    result = compare(make_reference(draw(rng, 2_000)), window)
    assert sorted(result.insufficient) == ["PCA_2", "PCA_3"]
    assert len(result.columns) == 8


def test_a_reference_column_with_too_few_values_is_named(rng):
    reference = make_reference(draw(rng, 2_000) | {RESIDUAL: rng.normal(size=100)})
    result = compare(reference, draw(rng, 500) | {RESIDUAL: rng.normal(size=500)})
    assert result.insufficient[RESIDUAL].reason.startswith("100 numbers in the reference")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 5.0, 1e300])
def test_a_constant_column_neither_crashes_nor_drifts_while_it_stays(method, value):
    reference = make_reference({"a": np.full(500, value)}, {"a": method})
    assert not compare(reference, {"a": np.full(300, value)}).drifted


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("change", [-1.0, 1.0])
def test_a_constant_column_that_moved_drifted(method, change):
    reference = make_reference({"a": np.full(500, 5.0)}, {"a": method})
    assert compare(reference, {"a": np.full(300, 5.0 + change)}).drifted


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
def test_odd_values_in_the_window_give_finite_scores(rng, method, value):
    window = rng.normal(size=500)
    window[:50] = value
    result = compare(make_reference({"a": rng.normal(size=2_000)}, {"a": method}), {"a": window})
    assert np.isfinite([column(result, "a").score, column(result, "a").effect]).all()
