"""How good predictions are; what cannot be computed is absent, never 0."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from pipeline.quality.metrics import score_predictions


def score(labels, targets, predictions):
    return score_predictions(labels, np.array(targets), np.array(predictions))


@pytest.mark.parametrize("seed", range(20))
def test_they_are_those_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    labels, rows = list("abcdefg"[: random.integers(2, 8)]), int(random.integers(1, 40))
    targets, predictions = random.choice(labels, rows), random.choice(labels, rows)
    scores = score(labels, targets, predictions)
    theirs = precision_recall_fscore_support(
        targets, predictions, labels=labels, zero_division=np.nan
    )
    ours = [
        [
            np.nan if (found := getattr(one, name)) is None else found
            for one in scores.classes.values()
        ]
        for name in ("precision", "recall", "f1", "rows")
    ]
    assert np.array(ours) == pytest.approx(np.array(theirs), nan_ok=True)
    assert scores.accuracy == pytest.approx((targets == predictions).mean())


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
