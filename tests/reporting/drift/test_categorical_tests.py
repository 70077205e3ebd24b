import numpy as np
import pytest
from scipy import stats

from reporting.drift.categorical_tests import count_labels, detect_label_drift
from reporting.insufficient import Insufficient

REFERENCE = {"benign": 3_150, "malignant": 1_850}


def test_equal_shares_do_not_drift():
    result = detect_label_drift(REFERENCE, {"benign": 630, "malignant": 370})
    assert not result.drifted
    assert result.score == pytest.approx(1)


def test_ten_points_at_1000_rows_drift_and_the_label_is_named():
    result = detect_label_drift(REFERENCE, {"benign": 530, "malignant": 470})
    assert (result.method, result.drifted, result.label) == ("z", True, "benign")
    assert result.change == pytest.approx(-0.1)


def test_two_labels_are_tested_like_chi_square_without_correction():
    window = {"benign": 600, "malignant": 400}
    table = [list(REFERENCE.values()), list(window.values())]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert detect_label_drift(REFERENCE, window).score == pytest.approx(expected)


def test_more_labels_are_tested_by_chi_square():
    reference, window = {"0": 500, "1": 520, "2": 480}, {"0": 200, "1": 120, "2": 180}
    expected = stats.chi2_contingency([list(reference.values()), list(window.values())]).pvalue
    result = detect_label_drift(reference, window)
    assert (result.method, result.score) == ("chi2", pytest.approx(expected))


def test_a_rare_label_is_tested_exactly():
    result = detect_label_drift({"ok": 1_990, "fraud": 10}, {"ok": 292, "fraud": 8})
    assert (result.method, result.drifted) == ("fisher", True)


def test_rare_labels_are_pooled_so_that_one_row_is_no_drift():
    reference = {"a": 2_500, "b": 2_480} | {f"rare {number}": 2 for number in range(10)}
    result = detect_label_drift(reference, {"a": 250, "b": 249, "rare 3": 1})
    assert (result.method, result.drifted) == ("chi2", False)


def test_an_unseen_label_is_named_and_alone_no_drift():
    result = detect_label_drift(REFERENCE, {"benign": 315, "malignant": 184, "malignent": 1})
    assert (result.unseen, result.drifted) == (("malignent",), False)


def test_an_unseen_label_in_many_rows_is_drift():
    result = detect_label_drift(REFERENCE, {"benign": 315, "malignant": 135, "unclear": 50})
    assert (result.unseen, result.drifted) == (("unclear",), True)


def test_a_label_that_no_longer_comes_is_drift():
    assert detect_label_drift(REFERENCE, {"benign": 500}).drifted


def test_a_single_label_here_and_there_is_no_drift():
    assert not detect_label_drift({"a": 500}, {"a": 300}).drifted


def test_a_single_label_that_became_another_is_drift():
    assert detect_label_drift({"a": 500}, {"b": 300}).drifted


@pytest.mark.parametrize(
    ("reference", "window"), [({}, {}), (REFERENCE, {}), ({"a": 5}, REFERENCE)]
)
def test_too_few_rows_are_insufficient(reference, window):
    assert isinstance(detect_label_drift(reference, window), Insufficient)


def test_a_label_per_row_is_insufficient():
    reference = {f"r{row}": 1 for row in range(2_000)}
    result = detect_label_drift(reference, {f"w{row}": 1 for row in range(500)})
    assert result == Insufficient(500, "every label is too rare to compare its share")


def test_labels_are_counted_as_strings_and_missing_ones_left_out():
    assert count_labels([1, "1", None, np.nan, "b", np.str_("b")]) == {"1": 2, "b": 2}


def test_labels_with_a_count_of_zero_change_nothing():
    window = {"benign": 315, "malignant": 185}
    zero = detect_label_drift(REFERENCE | {"gone": 0}, window | {"gone": 0})
    assert (zero.method, zero.score) == ("z", detect_label_drift(REFERENCE, window).score)
