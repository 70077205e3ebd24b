"""Versions come and go while serving runs: live within two seconds, whole or not at all."""

import itertools
import json
import os
import threading
import time

import numpy as np
import pytest

from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of, rows_of
from pipeline.store.database import connect
from pipeline.store.tracked_runs import TrackedRun, write_runs
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.slow

LIVE_SECONDS = 2.0


def examples(server):
    return [feature["example"] for feature in server.client.get("/schema").json()["features"]]


@pytest.fixture(scope="module")
def versions(cancer, tmp_path_factory):
    """Three versions that give three different answers; the third is live."""
    made = cancer.copy(tmp_path_factory.mktemp("versions"))
    for trees in (3, 7):
        made.with_knobs(TRAINING__PARAMETERS=json.dumps({"n_estimators": trees})).train()
    return made


@pytest.fixture(scope="module", params=["1", "2"])
def server(request, versions, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    with serving(versions.copy(folder, SERVING__WORKERS=request.param)) as server:
        yield server


def activate(server, version):
    headers = {"authorization": f"Bearer {server.installation.key('admin')}"}
    return server.client.post(f"/models/{version}/activate", headers=headers)


def versions_heard(server, features):
    """The versions that answer on twelve new connections, which spread over the workers."""
    heard = set()
    for _ in range(12):
        with server.connect() as client:
            answer = client.post("/predict", json={"features": features})
            heard.add(answer.json()["model_version"])
    return heard


def wait_until_live(server, version, features):
    started = time.monotonic()
    wait_for(lambda: versions_heard(server, features) == {version})
    return time.monotonic() - started


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_an_activated_version_is_soon_live_in_every_worker(server, version):
    features = examples(server)
    assert activate(server, version).json() == {"live": version}
    newest = server.client.get("/retrainings").json()["retrainings"][:1]
    assert [one["actor"] for one in newest] in ([], ["admin"])
    wait_until_live(server, version, features)
    assert server.client.get("/model").json()["version"] == version
    assert server.client.get("/readyz").json()["model_version"] == version


def test_a_version_that_another_process_puts_live_goes_live(server):
    features = examples(server)
    server.installation.artifacts().activate("0001")
    wait_until_live(server, "0001", features)


def told_apart(server, versions):
    """An observation of which each version has another opinion."""
    artifacts = server.installation.artifacts()
    opened = [artifacts.open(version) for version in versions]
    rows = rows_of(opened[0]).values
    vectors, _ = embedding_of(opened[0]).embed(rows)
    opinions = np.array([load_scorer(sealed).score(vectors)[1][:, 0] for sealed in opened])
    distinct = [len(set(opinion)) == len(versions) for opinion in opinions.T.tolist()]
    return rows[distinct.index(True)].tolist()


@pytest.mark.parametrize("swaps", [3, pytest.param(50, marks=pytest.mark.reliability)])
def test_every_answer_during_swaps_is_that_of_the_version_it_names(server, swaps):
    versions = ("0001", "0002", "0003")
    features, known, wrong = told_apart(server, versions), {}, []
    for version in versions:
        server.installation.artifacts().activate(version)
        wait_until_live(server, version, features)
        known[version] = server.predict(features)["probabilities"]
    assert len({json.dumps(answer) for answer in known.values()}) == 3
    ended = threading.Event()

    def ask():
        with server.connect() as client:
            while not ended.is_set():
                answer = client.post("/predict", json={"features": features})
                found = answer.json()
                if (
                    answer.status_code != 200
                    or found["probabilities"] != known[found["model_version"]]
                ):
                    wrong.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in itertools.islice(itertools.cycle(("0001", "0003", "0002")), swaps):
        activate(server, version)
        time.sleep(0.3)
    ended.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_damaged_version_is_refused_and_the_live_one_stays(server):
    features = examples(server)
    activate(server, "0001")
    wait_until_live(server, "0001", features)
    time.sleep(1.5)  # by chance one worker may have given all twelve answers, and another lag
    folder = server.installation.artifacts().place.versions / "0003"
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[:-1] + b"x")
    refused = activate(server, "0003")
    (server.installation.folder / "artifacts" / "CURRENT").write_text("0003\n0001\n")
    time.sleep(1.5)
    heard = versions_heard(server, features)
    described = {m["version"]: m for m in server.client.get("/models").json()["models"]}
    (folder / "model.onnx").write_bytes(content)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert heard == {"0001"}
    assert "model.onnx" in described["0003"]["refused"]


def test_all_versions_are_listed_newest_first(server):
    found = server.client.get("/models").json()["models"]
    assert [model["version"] for model in found] == ["0003", "0002", "0001"]
    assert all("signature" not in model and model["embedding_id"] for model in found)


def test_a_version_names_the_page_of_its_run(server):
    page = "http://127.0.0.1:5000/#/experiments/1/runs/2"
    engine = connect(server.installation.settings().store)
    with engine.begin() as connection:
        write_runs(connection, [TrackedRun("version-0002", "0002", 1.0, page)])
    engine.dispose()
    found = server.client.get("/models").json()["models"]
    assert [model["run_url"] for model in found] == [None, page, None]


@pytest.mark.parametrize("version", ["0009", "1", "x", "..", "0001%2F..%2F0002"])
def test_a_version_that_is_not_there_is_not_found(server, version):
    assert activate(server, version).status_code in (404, 405)


def test_before_the_first_version_it_says_so_and_then_goes_live(cancer, tmp_path):
    bare = cancer.copy(tmp_path)
    hidden = tmp_path / "artifacts" / "CURRENT"
    hidden.rename(tmp_path / "aside")
    with serving(bare) as server:
        for path in ("/readyz", "/schema", "/model"):
            answer = server.client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        answer = server.client.post("/predict", json={"features": [1.0]})
        assert answer.json()["error"]["message"].startswith("No model is live yet")
        assert server.client.get("/models").json()["models"][0]["live"] is False
        (tmp_path / "aside").rename(hidden)
        wait_for(lambda: server.client.get("/readyz").status_code == 200)
        assert server.predict(examples(server))["model_version"] == "0001"


def test_a_start_over_a_damaged_version_serves_the_last_good_one(versions, tmp_path):
    made = versions.copy(tmp_path)
    os.truncate(tmp_path / "artifacts" / "versions" / "0003" / "model.onnx", 100)
    with serving(made) as server:
        assert server.client.get("/model").json()["version"] == "0002"
