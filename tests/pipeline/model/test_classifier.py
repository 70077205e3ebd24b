"""Any classifier: by its name, of another library, or the one that does best."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris

from pipeline import unpickling
from pipeline.auto import cross_validation
from pipeline.auto.classifier_choice import choose_classifier, is_open, settled
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.training import train
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import InvalidSetting
from tests.support.models_and_records.versions import make_version


@pytest.fixture(autouse=True)
def once(monkeypatch):
    """Few rows are divided into folds five times; to be quick, once."""
    monkeypatch.setattr(cross_validation, "MOST_REPEATS", 1)


def flowers():
    values, codes = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])
    return LabelledVectors(values, names[codes], "here", tuple("abcd"))


def two_classes():
    values, codes = load_breast_cancer(return_X_y=True)
    return LabelledVectors(
        values, np.array(["no", "yes"])[codes], "here", tuple(map(str, range(30)))
    )


def moons(rows=400):
    random = np.random.default_rng(0)
    values = random.normal(size=(rows, 3))
    inside = np.where((values[:, :2] ** 2).sum(axis=1) < 1.4, "in", "out")
    return LabelledVectors(values, inside, "here", ("x", "y", "z"))


def halves(rows=400):
    random = np.random.default_rng(0)
    values = random.normal(size=(rows, 12))
    side = np.where(values.sum(axis=1) > 0, "up", "down")
    return LabelledVectors(values, side, "here", tuple(map(str, range(12))))


@pytest.mark.parametrize("rows", [flowers(), two_classes()], ids=["three", "two"])
@pytest.mark.parametrize("name", ["lightgbm.LGBMClassifier", "xgboost.XGBClassifier"])
def test_boosters_of_other_libraries_are_trained_compiled_and_read_back(name, rows):
    pytest.importorskip(name.partition(".")[0], reason="the group dev has it")
    wanted = TrainingSettings(classifier=name, parameters={"n_estimators": 10}, folds=2)
    trained = train(rows, wanted)
    facts = trained.facts()
    assert (facts["served_by"], facts["served_by_reason"]) == ("onnx", None)
    assert facts["classes"] == sorted(set(rows.targets.tolist()))
    assert facts["classifier"]["name"] == name
    places, _ = trained.scorer().score(rows.values)
    said = np.array(facts["classes"])[places]
    assert (said == rows.targets).mean() > 0.9
    content = trained.files["model.pkl"]
    library = name.partition(".")[0]
    with pytest.raises(unpickling.NotTrusted):
        unpickling.load(content, ())
    again = unpickling.load(content, (library,))
    assert (again.predict(rows.values) == trained.model.estimator.predict(rows.values)).all()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere.Classifier", "nowhere cannot be imported .* install it wherever"),
        ("sklearn.ensemble.Nothing", r"sklearn\.ensemble has no Nothing"),
        ("os.path", "which is no classifier"),
        ("sklearn.cluster.KMeans", "gives no probabilities"),
    ],
)
def test_a_dotted_name_that_is_no_classifier_is_said_in_a_sentence(name, sentence):
    with pytest.raises(InvalidSetting, match=sentence):
        train(flowers(), TrainingSettings(classifier=name))


def test_a_dotted_name_of_scikit_learn_is_the_same_as_the_short_one():
    long = "sklearn.ensemble.RandomForestClassifier"
    facts = [
        train(flowers(), TrainingSettings(classifier=name, parameters={"n_estimators": 5})).facts()
        for name in (long, "RandomForestClassifier")
    ]
    assert facts[0]["out_of_fold"] == facts[1]["out_of_fold"]


def test_auto_keeps_the_forest_where_no_other_is_a_point_better():
    choice = choose_classifier(moons(), TrainingSettings())
    assert choice.classifier in ("RandomForestClassifier", "HistGradientBoostingClassifier")
    assert choice.tried["forest"] > choice.tried["logistic regression"] + 0.1


def test_auto_takes_another_where_it_is_better():
    choice = choose_classifier(halves(), TrainingSettings())
    assert choice.classifier == "LogisticRegression"
    assert str(choice).startswith("forest ")
    assert str(choice).endswith(" %: logistic regression")


def test_pictures_and_parameters_of_a_forest_leave_nothing_to_choose():
    assert is_open(TrainingSettings(), is_picture=False)
    assert not is_open(TrainingSettings(), is_picture=True)
    assert not is_open(TrainingSettings(parameters={"n_estimators": 5}), is_picture=False)


def test_a_retraining_keeps_the_choice():
    live = {"classifier": {"name": "LogisticRegression"}}
    assert settled(TrainingSettings(), live).classifier == "LogisticRegression"
    assert settled(TrainingSettings(), None).classifier == "RandomForestClassifier"
    changed = {"classifier": {"name": "RandomForestClassifier"}, "usual_classifier": "GaussianNB"}
    assert settled(TrainingSettings(), changed).classifier == "GaussianNB"
    named = TrainingSettings(classifier="GaussianNB")
    assert settled(named, live).classifier == "GaussianNB"


def test_make_train_says_what_was_tried_and_keeps_it(settings, capsys):
    wanted = settings(dataset__source="breast_cancer", training__parameters="{}")
    manifest = make_version(wanted).manifest
    assert set(manifest["classifiers_tried"]) == {
        "forest", "gradient boosting", "logistic regression",
    }  # fmt: skip
    assert "gradient boosting 9" in capsys.readouterr().out
    assert manifest["served_by"] == "onnx"
