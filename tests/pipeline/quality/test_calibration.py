from dataclasses import replace

import numpy as np
import pytest

from pipeline.quality.calibration import calibrate, was_right

CLASSES = ("a", "b", "c")


def draw(rng, rows, sure=0.0):
    """Rows of three labels; the classifier says more than it knows: its chances are sharpened."""
    chances = rng.dirichlet(np.full(3, 0.7) + np.array([sure, 0, 0]), rows)
    labels = np.array([rng.choice(CLASSES, p=row) for row in chances])
    said = chances**2
    return said / said.sum(axis=1, keepdims=True), labels


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def test_an_overconfident_classifier_is_expected_to_be_as_right_as_it_is(rng):
    known = calibrate(*reorder(*draw(rng, 4_000)))
    said, labels = draw(rng, 2_000)
    right = was_right(said, CLASSES, labels).mean()
    expected = known.expect(said)
    assert said.max(axis=1).mean() > right + 0.05
    assert expected.accuracy == pytest.approx(right, abs=3 * expected.error)
    assert expected.rows == 2_000


def test_inputs_that_are_easier_are_expected_to_be_predicted_better(rng):
    known = calibrate(*reorder(*draw(rng, 4_000)))
    said, labels = draw(rng, 2_000, sure=3.0)
    expected = known.expect(said)
    usual = known.accuracy
    assert expected.accuracy > usual + 0.05
    assert expected.accuracy == pytest.approx(was_right(said, CLASSES, labels).mean(), abs=0.03)


def test_the_recall_of_the_labels_is_expected_too(rng):
    known = calibrate(*reorder(*draw(rng, 4_000)))
    said, labels = draw(rng, 4_000)
    places = said.argmax(axis=1)
    recalls = [(places[labels == name] == place).mean() for place, name in enumerate(CLASSES)]
    expected = known.expect(said, CLASSES)
    assert expected.balanced_accuracy == pytest.approx(np.mean(recalls), abs=0.04)
    for place, (name, recall) in enumerate(zip(CLASSES, recalls, strict=True)):
        precision = (labels[places == place] == name).mean()
        assert expected.classes[name].recall == pytest.approx(recall, abs=0.06)
        assert expected.classes[name].precision == pytest.approx(precision, abs=0.06)


def test_a_label_of_which_no_row_is_expected_has_no_scores():
    rng = np.random.default_rng(3)
    known = calibrate(*reorder(*draw(rng, 1_000)))
    sure = np.tile(np.eye(len(CLASSES))[0], (50, 1))
    assert set(known.expect(sure, CLASSES).classes) == {CLASSES[0]}


def test_the_holdout_corrects_what_classifiers_of_fewer_rows_said(rng):
    known = calibrate(*reorder(*draw(rng, 4_000)))
    said, _ = draw(rng, 1_000)
    better = known.correct(np.ones(1_000), said)
    assert better.expect(said).accuracy > known.expect(said).accuracy + 0.1


@pytest.mark.parametrize("points", [0, 1, 10])
def test_errors_are_expected_by_the_confidence_and_rather_too_many(rng, points):
    """A holdout on which the classifier is a little better may be luck."""
    known = calibrate(*reorder(*draw(rng, 4_000)))
    better = replace(known, offset=points / 100, rows=1_000)
    sure = np.array([0.6, 0.9])
    wrong, foretold = better.wrong(sure), 1 - known.curve.at(sure)
    assert wrong[0] > wrong[1] > 0
    assert (wrong > foretold - points / 100).all()
    assert (wrong < foretold).all() == (points == 10)


def reorder(said, labels):
    return said, CLASSES, labels
