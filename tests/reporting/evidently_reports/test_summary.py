"""The words on top of a report."""

from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.error_drift import ConceptDrift
from reporting.evidently_reports.summary import name_move, name_rows, say_why
from reporting.insufficient import Insufficient


def test_the_label_that_moved_most_is_told_in_words():
    """It said: prediction drift: high -4.6%."""
    found = LabelDrift("z", 0.4, 0.01, "below", False, 200, "high", -0.046, ())
    assert name_move(found) == " (largest change: high, -4.6 points)"


def test_a_share_of_errors_says_of_how_many_rows():
    errors = ConceptDrift(None, 0.1, 0.1, {"0001": 30, "0002": 50}, 80)
    assert name_rows(errors) == " (80 rows)"


def test_where_rows_are_too_few_it_is_said_how_many_there_are():
    few = Insufficient(3, "3 rows in the window, at least 200 are needed")
    told = " (3 rows in the window, at least 200 are needed)"
    assert [say(few) for say in (say_why, name_rows, name_move)] == [told] * 3
