"""Each fault fails its test, and rows like the reference pass, many or few."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.data.schema import Schema, word_features
from pipeline.data_tests.result import Rows, describe_failed
from pipeline.data_tests.suite import Suite, failed_of
from pipeline.setting_tables import DataTestSettings
from tests.support.made_data.tested_rows import (
    FAULTS,
    MEMBER,
    WEIGHT,
    draw,
    make_suite,
    with_values,
)


def failed_checks(rows, **wanted):
    return {test.check for test in failed_of(make_suite(**wanted).run(rows))}


@pytest.mark.parametrize("rows", [30, 50, 300, 3_000])
def test_rows_like_the_reference_pass(rows):
    for seed in range(1, 21):
        assert failed_checks(draw(rows, seed)) == set()


def draw_words(rows, seed, shares):
    counts = (np.random.default_rng(seed).random((rows, len(shares))) < shares).astype(float)
    return Rows(counts, np.tile(["no", "yes"], rows)[:rows])


def test_words_of_texts_like_the_reference_pass_and_other_texts_fail():
    """A rare word comes thrice in fifty texts by chance: its mean says nothing."""
    shares = np.concatenate([[0.5, 0.2, 0.1], np.full(97, 0.005)])
    words = word_features("review", [f"word{number}" for number in range(100)])
    schema = Schema("tabular", "target", ("no", "yes"), words)
    suite = Suite(schema, draw_words(1_000, 0, shares), DataTestSettings(), None)
    for seed in range(1, 31):
        assert failed_of(suite.run(draw_words(50, seed, shares))) == []
    failed = failed_of(suite.run(draw_words(50, 1, shares[::-1])))
    assert {"review: word0"} <= {test.subject for test in failed if test.check == "drift"}


def test_the_reference_itself_passes():
    suite = make_suite()
    assert failed_of(suite.run(suite.reference)) == []


@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_fails_its_test(check):
    assert check in failed_checks(FAULTS[check](draw(300, 1)))


def test_what_the_reference_lacks_already_is_no_fault():
    """A tenth of `member` is missing in the reference."""
    rows = draw(300, 1)
    assert np.isnan(rows.values[:, MEMBER]).mean() > 0.05
    assert "missing" not in failed_checks(rows)


def test_a_setting_allows_more():
    rows = FAULTS["missing"](draw(300, 1))
    assert "missing" not in failed_checks(rows, missing=0.2)


def test_few_labels_are_not_tested():
    rows = draw(300, 1)
    few = replace(rows, targets=np.where(np.arange(300) < 20, "yes", ""))
    tests = make_suite().run(few)
    assert {"label share", "unknown label", "accuracy"} & {test.check for test in tests} == set()


def test_without_predictions_nothing_is_said_of_their_accuracy():
    tests = make_suite().run(replace(draw(300, 1), predictions=None))
    assert "accuracy" not in {test.check for test in tests}


def test_a_column_that_is_empty_throughout_is_missing_and_constant():
    rows = with_values(draw(300, 1), WEIGHT, np.nan)
    assert {"missing", "constant"} <= failed_checks(rows)


def test_a_value_that_is_nearly_always_the_same_may_be_constant_in_few_rows():
    suite = make_suite()
    rare = suite.reference.values.copy()
    rare[:, MEMBER] = np.arange(len(rare)) < 0.02 * len(rare)
    suite.reference = replace(suite.reference, values=rare)
    rows = with_values(draw(50, 1), MEMBER, 0.0)
    assert failed_of(suite.run(rows)) == []


def test_a_failure_is_told_with_its_name_and_its_numbers():
    rows = FAULTS["missing"](draw(300, 1))
    (failed,) = failed_of(make_suite().run(rows))
    said = describe_failed([failed])
    assert said == "missing of 'weight' is 10.0% of 300 rows, at most 5.0% allowed"


def test_a_long_list_of_failures_is_cut():
    (failed,) = failed_of(make_suite().run(FAULTS["missing"](draw(300, 1))))
    assert describe_failed([failed] * 9).endswith("; and 6 more")
