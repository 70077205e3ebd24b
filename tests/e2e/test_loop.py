"""The whole loop through HTTP alone, with a real serving and a real trainer beside it."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from tests.support.processes.servers import serving, wait_for
from tests.support.processes.trainers import training

pytestmark = pytest.mark.slow

EVERY = 20


@pytest.fixture(scope="module")
def installation(cancer, tmp_path_factory):
    return cancer.copy(tmp_path_factory.mktemp("e2e"), RETRAINING__EVERY=str(EVERY))


@pytest.fixture(scope="module")
def server(installation):
    with serving(installation) as running, training(installation):
        yield running


@pytest.fixture(scope="module")
def answers(server):
    """Predictions for k observations, each answered with what is true; what feedback said."""
    table = load_breast_cancer()
    rows = np.random.default_rng(0).permutation(len(table.data))[:EVERY]
    said = []
    for row in rows:
        predicted = server.predict(table.data[row].tolist())
        target = str(table.target_names[table.target[row]])
        body = {"prediction_id": predicted["prediction_id"], "target": target}
        said.append(server.client.post("/feedback", json=body).json()["retraining"])
    return said


@pytest.fixture(scope="module")
def decision(server, answers):
    """The decision that the k-th feedback brought about."""

    def newest():
        found = server.client.get("/retrainings").json()["retrainings"]
        return found and found[0]["finished_at"] and found[0]

    return wait_for(newest, seconds=60)


def live_version(server):
    return server.client.get("/model").json()["version"]


def admin(server):
    return {"Authorization": f"Bearer {server.installation.key('admin')}"}


def test_the_kth_feedback_queues_a_retraining_and_no_other_does(answers):
    assert [answer["queued"] for answer in answers] == [False] * (EVERY - 1) + [True]
    assert [answer["remaining"] for answer in answers] == [*range(EVERY - 1, 0, -1), EVERY]


def test_the_version_changes(server, decision):
    assert decision["state"] == "promoted"
    wait_for(lambda: live_version(server) == decision["version"] == "0002")


def test_the_log_of_decisions_tells_why(decision):
    assert decision["trigger"] == f"every {EVERY} rows"
    assert decision["reason"].startswith("promoted: no worse: on ")
    assert decision["parent"] == "0001"
    assert decision["numbers"]["rows"] == EVERY


def test_the_metrics_tell_why(server, decision):
    wait_for(lambda: live_version(server) == "0002")
    metrics = server.metrics()
    assert metrics[f'retrainings_total{{outcome="promoted",trigger="every {EVERY} rows"}}'] == 1
    assert metrics["feedback_rows_until_retraining"] == EVERY
    assert any(name.startswith("model_info{") and '"0002"' in name for name in metrics)


def test_after_a_rollback_the_old_version_answers(server, decision):
    wait_for(lambda: live_version(server) == "0002")
    observation = load_breast_cancer().data[0].tolist()
    assert server.predict(observation)["model_version"] == "0002"
    server.client.post("/models/0001/activate", headers=admin(server)).raise_for_status()
    wait_for(lambda: server.predict(observation)["model_version"] == "0001")
    newest = server.client.get("/retrainings").json()["retrainings"][0]
    assert (newest["state"], newest["trigger"]) == ("rolled back", "by hand")
    assert newest["reason"] == "rolled back: 0001 was put live by hand, before it was 0002"
