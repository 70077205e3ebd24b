"""Telling a changed world from wrong labels: by when errors begin, and by where they are."""

import numpy as np
import pytest

from pipeline.change import Said, find_change, find_start


def errors(*parts):
    """Rows in which every n-th is an error, for pairs of a number of rows and n; 0: none."""
    return np.concatenate(
        [np.arange(rows) % n == 0 if n else np.arange(rows) < 0 for rows, n in parts]
    )


def said(wrong, values):
    """What a model says that is sure of itself everywhere."""
    sure = np.tile([1.0, 0.0], (len(values), 1))
    return Said(values, sure, np.full(len(values), "a"), np.where(wrong, 0.0, 1.0), wrong)


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(300, 6))


def test_the_start_is_where_errors_become_many():
    assert find_start(errors((200, 20), (80, 3)), 0.05) == pytest.approx(200, abs=3)


@pytest.mark.parametrize("calm", [errors((400, 20)), errors((400, 0)), errors((20, 1))])
def test_usual_errors_or_a_few_rows_are_no_start(calm):
    assert find_start(calm, 0.05) is None


def test_no_rows_are_no_start():
    assert find_start(np.zeros(0, dtype=bool), 0.05) is None


def test_errors_in_one_place_are_a_change_and_expected_there(values):
    far = values[:, 0] > 0.7
    change = find_change(said(far, values))
    assert (change.expected == far).mean() > 0.95
    others = np.random.default_rng(1).normal(size=(300, 6))
    elsewhere = change.expects(said(np.zeros(300, dtype=bool), others))
    assert (elsewhere == (others[:, 0] > 0.7)).mean() > 0.95


def test_of_many_rows_the_last_tell_the_places(values, monkeypatch):
    monkeypatch.setattr("pipeline.change.MOST_ROWS", 200)
    far = values[:, 0] > 0.7
    change = find_change(said(far, values))
    assert len(change.expected) == 300
    assert (change.expected == far).mean() > 0.95


def test_errors_anywhere_are_no_change(values):
    wrong = np.random.default_rng(1).random(300) < 0.35
    assert find_change(said(wrong, values)) is None


def test_errors_everywhere_are_no_change(values):
    assert find_change(said(np.ones(300, dtype=bool), values)) is None
    almost = np.arange(300) % 20 != 0
    assert find_change(said(almost, values)) is None
