"""A compiled classifier answers as scikit-learn does, or is not used."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import RadiusNeighborsClassifier

from pipeline.model import onnx_forest
from pipeline.model.classifier import Model
from pipeline.model.onnx_export import export_to_onnx
from pipeline.model.parity import probe_points
from pipeline.model.scorer import OnnxScorer
from pipeline.settings import InvalidSetting

POINTS = 10_000


def draw(rows=300, classes=3, width=4, seed=0):
    random = np.random.default_rng(seed)
    targets = random.integers(classes, size=rows)
    centres = random.normal(size=(classes, width))
    return centres[targets] + random.normal(size=(rows, width)), np.char.add(
        "class ", targets.astype(str)
    )


def compile_on(model, vectors, points=POINTS):
    return export_to_onnx(Model(model, model.classes_), vectors, points, seed=0)


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
@pytest.mark.parametrize("classes", [2, 7])
def test_a_grown_forest_votes_bit_for_bit_as_scikit_learn_does(kind, classes):
    vectors, targets = draw(classes=classes)
    model = kind(100, random_state=0).fit(vectors, targets)
    parity = compile_on(model, vectors).parity
    assert (parity.points, parity.label_differences) == (POINTS, 0)
    assert parity.largest_probability_difference == 0


@pytest.mark.parametrize(
    "shape",
    [
        {"max_depth": 3},
        {"min_samples_leaf": 9},
        {"n_estimators": 1},
        {"max_depth": 1, "class_weight": "balanced_subsample"},
    ],
)
def test_a_pruned_forest_gives_the_same_labels_and_probabilities_to_a_millionth(shape):
    vectors, targets = draw()
    model = RandomForestClassifier(**{"n_estimators": 30, **shape}, random_state=0)
    parity = compile_on(model.fit(vectors, targets), vectors).parity
    assert parity.label_differences == 0
    assert parity.largest_probability_difference < 1e-6


def test_a_threshold_between_two_float32_numbers_sends_both_to_their_sides():
    """Rounded to the nearest, the threshold becomes the higher number, which then goes left."""
    vectors = np.array([[1024 + 2**-13], [1024 + 2**-12]] * 10)
    targets = np.array(["low", "high"] * 10)
    model = RandomForestClassifier(3, bootstrap=False, random_state=0).fit(vectors, targets)
    scorer = OnnxScorer(compile_on(model, vectors).content, tuple(model.classes_))
    assert model.classes_[scorer.score(vectors)[0]].tolist() == targets.tolist()


@pytest.mark.parametrize(
    ("attribute", "change"),
    [
        ("nodes_values", lambda numbers: numbers + 0.01),
        ("target_weights", lambda numbers: numbers * 1.001),
        ("target_ids", lambda places: places[::-1]),
    ],
    ids=["thresholds", "leaf weights", "leaf classes"],
)
def test_a_forest_that_was_compiled_wrongly_is_left_to_scikit_learn(monkeypatch, attribute, change):
    sound = onnx_forest._describe

    def describe(tree, place):
        columns = sound(tree, place)
        kind, values = columns[attribute]
        return {**columns, attribute: (kind, change(values))}

    monkeypatch.setattr(onnx_forest, "_describe", describe)
    vectors, targets = draw()
    model = RandomForestClassifier(10, random_state=0).fit(vectors, targets)
    done = compile_on(model, vectors)
    assert (done.content, done.parity) == (None, None)
    assert "RandomForestClassifier does not compile (ParityFailed: " in done.reason


def test_another_classifier_is_converted_and_measured():
    vectors, targets = draw()
    parity = compile_on(LogisticRegression().fit(vectors, targets), vectors).parity
    assert (parity.points, parity.label_differences) == (POINTS, 0)


def test_a_classifier_that_is_converted_wrongly_is_left_to_scikit_learn():
    """skl2onnx 1.20 gives this one's probabilities up to 0.15 off, and the right labels."""
    vectors, targets = draw(classes=2)
    done = compile_on(LinearDiscriminantAnalysis().fit(vectors, targets), vectors)
    assert (done.content, done.parity) == (None, None)
    assert "LinearDiscriminantAnalysis does not compile (ParityFailed: " in done.reason


def test_a_classifier_without_an_answer_close_to_its_data_is_refused():
    vectors, targets = draw()
    model = RadiusNeighborsClassifier(0.5).fit(vectors, targets)
    with pytest.raises(InvalidSetting, match="has no answer close to its data: No neighbors"):
        compile_on(model, vectors)


def test_it_is_measured_on_the_data_close_to_them_and_around_them():
    vectors, _ = draw()
    points = probe_points(vectors, 9_999, seed=0)
    distances = np.array([np.abs(vectors - point).max(axis=1).min() for point in points[:300]])
    assert (distances[0::3] == 0).all()
    assert 0 < np.median(distances[1::3]) < np.median(distances[2::3])
