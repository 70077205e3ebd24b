"""How good predictions are; what cannot be computed is absent, never 0."""

import numpy as np
import pytest

from pipeline.model.metrics import score_predictions


def score(labels, targets, predictions):
    return score_predictions(labels, np.array(targets), np.array(predictions))


def test_the_scores_of_a_small_example():
    scores = score(["a", "b"], ["a", "a", "a", "b"], ["a", "a", "b", "b"])
    assert (scores.rows, scores.accuracy) == (4, 0.75)
    assert scores.balanced_accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert scores.classes["b"].precision == 0.5
    assert scores.classes["a"].rows == 3


def test_a_label_that_was_never_predicted_has_no_precision():
    scores = score(["a", "b"], ["a", "b"], ["a", "a"])
    assert scores.classes["b"].precision is None
    assert scores.classes["b"].recall == 0


def test_a_label_without_a_row_counts_for_nothing():
    scores = score(["a", "b", "c"], ["a", "b"], ["a", "b"])
    assert (scores.classes["c"].recall, scores.balanced_accuracy) == (None, 1.0)


def test_nor_does_one_that_was_predicted_though_it_has_no_row():
    scores = score(["a", "b", "c"], ["a", "a", "b"], ["a", "c", "b"])
    assert (scores.precision, scores.f1) == (1.0, pytest.approx((2 / 3 + 1) / 2))
