"""What somebody's notebook logged in MLflow is judged when the alias is moved to it."""

import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.support.processes.trainers import training
from tests.tracking.waiting import wait_until

pytestmark = [
    pytest.mark.tracking,
    pytest.mark.filterwarnings("ignore"),  # MLflow warns of its own code
]


@pytest.fixture
def followed(loop, server, tracked, recording):
    """A recorder that follows, once both trainings are told."""
    recording(server, TRACKING__FOLLOW_ALIAS="true")
    wait_until(lambda: tracked.aliases()["champion"] == "0002")
    return tracked


@pytest.fixture
def trainer(loop):
    with training(loop.installation) as running:
        yield running


def log_model(server, tracked, loop, model, **options):
    """As a notebook does, in a version of its own; MLflow's number of it."""
    import mlflow
    from mlflow.models import infer_signature
    from pandas import DataFrame

    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment("somebody's notebook")
    columns = loop.prepared.embedding.columns
    rows = DataFrame(loop.prepared.reference.values, columns=columns)
    model.fit(rows, loop.prepared.reference.targets)
    said = infer_signature(rows.head(5), model.predict(rows.head(5)))
    logged = mlflow.sklearn.log_model(
        model,
        name="model",
        registered_model_name=tracked.name,
        **{"signature": said, "pip_requirements": ["scikit-learn"], **options},
    )
    return str(logged.registered_model_version)


def move_to(tracked, own):
    tracked.client.set_registered_model_alias(tracked.name, "champion", own)


def description(tracked, own):
    return wait_until(lambda: tracked.client.get_model_version(tracked.name, own).description)


KINDS = [{}, {"serialization_format": "cloudpickle"}, {"serialization_format": "pickle"}]


@pytest.mark.parametrize("kind", KINDS, ids=["skops", "cloudpickle", "pickle"])
def test_a_good_model_goes_live_as_a_decision_by_mlflow(loop, server, followed, trainer, kind):
    if not kind:
        pytest.importorskip("skops")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    own = log_model(server, followed, loop, model, **kind)
    move_to(followed, own)
    wait_until(lambda: loop.live == "0003", 30)
    assert "promoted" in description(followed, own)
    decision = loop.decisions()[0]
    assert (decision["actor"], decision["version"]) == ("MLflow", "0003")
    assert decision["reason"].endswith(f"(MLflow's version {own})")
    assert decision["numbers"]["live_holdout"] is not None
    wait_until(lambda: followed.aliases()["champion"] == "0003")


def test_a_bad_model_is_refused_with_the_numbers_and_may_be_tried_again(
    loop, server, followed, trainer
):
    own = log_model(server, followed, loop, DummyClassifier())
    before = len(loop.decisions())
    for decided in (before + 1, before + 2):
        move_to(followed, own)
        wait_until(lambda wanted=decided: len(loop.wait_until_decided()) == wanted)
        wait_until(lambda: followed.aliases()["champion"] == "0002")
    decision = loop.decisions()[0]
    assert decision["state"] == "rejected"
    assert decision["numbers"]["holdout"] < decision["numbers"]["live_holdout"]
    assert "rejected" in description(followed, own)
    assert loop.live == "0002"


def test_a_function_of_its_own_is_refused_and_never_run(loop, server, followed, trainer):
    model = make_pipeline(FunctionTransformer(lambda rows: rows + 1), LogisticRegression())
    own = log_model(server, followed, loop, model, serialization_format="cloudpickle")
    move_to(followed, own)
    assert "it holds cloudpickle" in description(followed, own)
    wait_until(lambda: followed.aliases()["champion"] == "0002")
    assert loop.decisions()[0]["state"] == "rejected"


def test_a_model_without_a_signature_is_refused_at_once(loop, server, followed):
    own = log_model(server, followed, loop, DummyClassifier(), signature=False)
    move_to(followed, own)
    assert "no signature" in description(followed, own)
    wait_until(lambda: followed.aliases()["champion"] == "0002")
    assert loop.decisions()[0]["actor"] == "MLflow"


def test_a_version_without_files_is_refused_and_the_alias_put_back(loop, followed):
    client, name = followed.client, followed.name
    run = client.create_run(client.get_experiment_by_name(name).experiment_id)
    made = client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    move_to(followed, made.version)
    assert "it has no MLmodel" in description(followed, made.version)
    wait_until(lambda: followed.aliases()["champion"] == "0002")
    assert loop.live == "0002"
