"""A model that was trained elsewhere is judged by the gate, or refused with a reason."""

import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from pipeline.datasets.load import load_dataset
from pipeline.registry.signed_folder import libraries
from pipeline.retraining.foreign_model import ForeignModel
from pipeline.retraining.retrain import retrain
from tests.support.models_and_records.loops import Loop


@pytest.fixture
def loop(cancer, tmp_path):
    found = Loop(cancer.copy(tmp_path))
    yield found
    found.engine.dispose()


def judge(loop, model, columns=None, **facts):
    """What becomes of a model that reads these columns."""
    columns = columns or loop.prepared.embedding.columns
    told = {"scikit_learn": libraries()["scikit-learn"], "pickled": pickle.dumps(model), **facts}
    given = ForeignModel("MLflow's version 7", tuple(columns), **told).to_bytes()
    silent = lambda stage, share: None  # noqa: E731
    return retrain(loop.settings, loop.artifacts, loop.engine, "MLflow", silent, given)


def linear(loop, targets=None):
    rows = loop.prepared.reference
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(rows.values, rows.targets if targets is None else targets)


def test_a_model_of_vectors_is_published_with_its_numbers(loop):
    model = linear(loop)
    decision = judge(loop, model)
    assert decision.state == "promoted"
    assert decision.reason.endswith("(MLflow's version 7)")
    assert decision.numbers["live_holdout"] is not None
    version = loop.artifacts.activate(decision.version)
    assert version.manifest["classifier"]["name"] == "LogisticRegression, MLflow's version 7"
    assert version.manifest["served_by"] == "onnx"
    assert version.manifest["embedding_id"] == loop.prepared.embedding.embedding_id


def test_the_loop_goes_on_from_a_foreign_model(loop):
    loop.artifacts.activate(judge(loop, linear(loop)).version)
    loop.feed(60)
    decision = loop.retrain()
    manifest = loop.artifacts.open(decision.version).manifest
    assert manifest["classifier"]["name"] == "RandomForestClassifier"


def test_a_model_of_features_predicts_what_it_does_at_home(loop):
    """The features come back from vectors, but for what the PCA loses."""
    dataset = load_dataset(loop.settings)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(dataset.rows, dataset.targets)
    names = [feature.name for feature in loop.prepared.embedding.schema.features]
    decision = judge(loop, model, names)
    assert decision.state == "promoted"
    held = loop.prepared.holdout_rows()
    here = loop.artifacts.open(decision.version).unpickle("model.pkl")
    said = here.predict(loop.prepared.embedding.embed(held.values)[0])
    assert (said == model.predict(held.values)).mean() > 0.97


def test_a_model_that_is_worse_is_rejected_with_the_numbers(loop):
    rows = loop.prepared.reference
    decision = judge(loop, linear(loop, loop.flip(rows.targets)))
    assert decision.state == "rejected"
    assert "holdout rows it alone is right on" in decision.reason
    assert decision.numbers["holdout"] < decision.numbers["live_holdout"]


def test_columns_by_name_are_forgotten(loop):
    pandas = pytest.importorskip("pandas")
    rows, columns = loop.prepared.reference, loop.prepared.embedding.columns
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(pandas.DataFrame(rows.values, columns=columns), rows.targets)
    assert judge(loop, model).state == "promoted"


@pytest.mark.parametrize("first", [0, 1])
def test_labels_that_are_numbers_must_count_from_zero(digits, tmp_path, first):
    """What a graph answers are places: 1 to 10 would be taken for other labels."""
    loop = Loop(digits.copy(tmp_path))
    targets = loop.prepared.reference.targets.astype(np.int64) + first
    assert (judge(loop, linear(loop, targets)).state == "promoted") == (first == 0)
    loop.engine.dispose()


def test_features_that_vectors_do_not_tell_are_refused(mixed, tmp_path):
    loop = Loop(mixed.copy(tmp_path))
    names = [feature.name for feature in loop.prepared.embedding.schema.features]
    assert "'plan' is no number" in judge(loop, linear(loop), names).reason
    assert judge(loop, linear(loop)).state == "promoted"
    loop.engine.dispose()


class Evil:
    def __reduce__(self):
        return print, ("this was run",)


REFUSED = [
    (lambda loop: Evil(), "it holds builtins.print"),
    (lambda loop: LinearRegression().fit([[0.0]], [0.0]), "no fitted classifier"),
    (lambda loop: LogisticRegression(), "no fitted classifier"),
    (lambda loop: DummyClassifier().fit([[0.0]] * 2, ["0", "x"]), "its labels are 0, x;"),
    (
        lambda loop: make_pipeline(FunctionTransformer(np.linalg.norm), linear(loop)),
        "it holds numpy.linalg",
    ),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED)
def test_what_cannot_be_a_version_is_refused(loop, capsys, make, reason):
    decision = judge(loop, make(loop))
    assert decision.state == "rejected"
    assert reason in decision.reason
    assert decision.version is None
    assert capsys.readouterr().out == ""


def test_other_columns_are_refused(loop):
    assert "its signature has age, sex" in judge(loop, linear(loop), ["age", "sex"]).reason


def test_another_scikit_learn_is_refused(loop):
    assert "of scikit-learn 0.24" in judge(loop, linear(loop), scikit_learn="0.24").reason


def test_a_damaged_pickle_is_refused(loop):
    assert "cannot be unpickled" in judge(loop, None, pickled=b"\x80\x05nothing").reason
