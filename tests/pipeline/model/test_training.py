"""Training ends in all that a version holds, or in a sentence."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_iris

from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.training import train
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import InvalidSetting

SMALL = {"n_estimators": 5}
COLUMNS = ("PCA_1", "PCA_2", "PCA_3", "PCA_4")


def flowers(labels=None):
    values, codes = load_iris(return_X_y=True)
    names = np.array(labels or ["setosa", "versicolor", "virginica"])
    return LabelledVectors(values - values.mean(axis=0), names[codes], "here", COLUMNS)


def settings(classifier="RandomForestClassifier", folds=2, **parameters):
    return TrainingSettings(classifier=classifier, parameters=parameters, folds=folds)


def table(trained):
    return list(csv.DictReader(io.StringIO(trained.out_of_sample.reference.decode(), newline="")))


def test_a_version_holds_the_model_its_compiled_form_and_the_reference():
    wanted = settings(**SMALL)
    trained = train(flowers(), wanted)
    assert set(trained.files) == {"model.pkl", "model.onnx", "reference.csv"}
    facts = trained.facts()
    assert (facts["served_by"], facts["parity"]["label_differences"]) == ("onnx", 0)
    assert facts["parity"]["points"] >= 10_000


def test_the_same_seed_gives_the_same_bytes():
    first, again = (train(flowers(), settings(**SMALL)).files for _ in range(2))
    assert first == again


def test_the_reference_is_predicted_by_models_that_did_not_see_the_row():
    """A forest scored on its own training rows shows 1.0."""
    targets = np.random.default_rng(0).choice(["a", "b"], size=150)
    noise = replace(flowers(), targets=targets)
    rows = table(train(noise, settings(n_estimators=30)))
    assert np.mean([row["target"] == row["prediction"] for row in rows]) < 0.7


def test_the_reference_holds_vectors_target_prediction_and_probabilities():
    rows = table(train(flowers(), settings(**SMALL)))
    assert list(rows[0]) == [
        *("PCA_1", "PCA_2", "PCA_3", "PCA_4", "target", "prediction"),
        *("probability_setosa", "probability_versicolor", "probability_virginica"),
    ]
    assert len(rows) == 150


def test_a_large_reference_is_a_sample_of_exactly_the_size_that_is_wanted():
    flock = flowers()
    many = flock.where(np.repeat(np.arange(len(flock)), 10))
    wanted = settings(**SMALL).model_copy(update={"reference_rows": 200})
    assert len(table(train(many, wanted))) == 200


def test_labels_that_look_like_numbers_stay_text():
    wanted = settings(**SMALL)
    trained = train(flowers(["01", "1", "True"]), wanted)
    assert trained.facts()["classes"] == ["01", "1", "True"]
    assert {row["prediction"] for row in table(trained)} == {"01", "1", "True"}


def test_a_label_with_two_rows_makes_the_folds_fewer():
    flock = flowers()
    rows = np.r_[0:50, 50:52]
    trained = train(flock.where(rows), settings("LogisticRegression", folds=5))
    assert len(table(trained)) == 52


OTHER_CLASSIFIERS = [
    "DecisionTreeClassifier",
    "GradientBoostingClassifier",
    "AdaBoostClassifier",
    "BaggingClassifier",
    "GaussianNB",
    "MLPClassifier",
    "HistGradientBoostingClassifier",
]


@pytest.mark.parametrize(
    "classifier",
    [
        "ExtraTreesClassifier",
        "LogisticRegression",
        *(pytest.param(name, marks=pytest.mark.slow) for name in OTHER_CLASSIFIERS),
    ],
)
def test_these_classifiers_are_compiled(classifier):
    parameters = {
        "ExtraTreesClassifier": SMALL,
        "GradientBoostingClassifier": SMALL,
        "MLPClassifier": {"hidden_layer_sizes": [4], "max_iter": 5000, "tol": 0.01},
    }
    wanted = settings(classifier, **parameters.get(classifier, {}))
    facts = train(flowers(), wanted).facts()
    assert (facts["served_by"], facts["served_by_reason"]) == ("onnx", None)
    assert facts["parity"]["label_differences"] == 0


@pytest.mark.filterwarnings("ignore:.*prob.*:FutureWarning")  # scikit-learn 1.9 on SVC
def test_a_support_vector_machine_is_compiled_where_it_gives_probabilities():
    wanted = settings("SVC", probability=True)
    assert train(flowers(), wanted).facts()["served_by"] == "onnx"


@pytest.mark.parametrize(
    ("classifier", "parameters"),
    [
        ("KNeighborsClassifier", {}),  # neighbours at the same distance are taken otherwise
        ("QuadraticDiscriminantAnalysis", {}),
        ("DummyClassifier", {}),
    ],
)
def test_these_are_served_by_scikit_learn_and_the_manifest_says_why(classifier, parameters):
    wanted = settings(classifier, **parameters)
    trained = train(flowers(), wanted)
    facts = trained.facts()
    assert set(trained.files) == {"model.pkl", "reference.csv"}
    assert (facts["served_by"], facts["parity"]) == ("scikit-learn", None)
    assert f"{classifier} does not compile (" in facts["served_by_reason"]


@pytest.mark.parametrize(
    ("classifier", "parameters", "sentence"),
    [
        ("RandomForest", {}, "scikit-learn has no such classifier"),
        ("LinearSVC", {}, "gives no probabilities; choose one with predict_proba"),
        ("VotingClassifier", {}, "do not fit VotingClassifier: .* 'estimators'"),
        ("RandomForestClassifier", {"trees": 3}, "do not fit RandomForestClassifier: .*'trees'"),
        ("RandomForestClassifier", {"n_estimators": -1}, "cannot be trained so: .*n_estimators"),
        ("KNeighborsClassifier", {"n_neighbors": 999}, "cannot be trained so: Expected n_neighb"),
        ("MultinomialNB", {}, "cannot be trained so: Negative values"),
        ("RandomForestClassifier", {"class_weight": {"x": 2}}, "weigh 'x', which is no label"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(classifier, parameters, sentence):
    with pytest.raises(InvalidSetting, match=sentence):
        train(flowers(), settings(classifier, **parameters))


@pytest.mark.parametrize("classifier", ["RandomForestClassifier", "LogisticRegression"])
@pytest.mark.parametrize("weights", ["balanced", {"1": 9.0}])
def test_labels_that_look_like_numbers_can_be_weighed(classifier, weights):
    """scikit-learn 1.9 looks for '1' under 1 (its issue 34883)."""
    size = SMALL if classifier == "RandomForestClassifier" else {}
    trained = train(flowers(["0", "1", "2"]), settings(classifier, class_weight=weights, **size))
    assert trained.out_of_sample.scores.accuracy > 0.8


def test_it_tells_how_far_it_is():
    told = []
    train(flowers(), settings(**SMALL), lambda stage, share: told.append((stage, share)))
    assert [stage for stage, share in told if share == 1.0] == ["out of fold", "training"]
