"""Serving and the trainer with their versions in a bucket that goes away and comes back."""

import shutil

import pytest

from tests.support.models_and_records.installations import into_bucket
from tests.support.models_and_records.loops import Loop
from tests.support.processes.buckets import Bucket
from tests.support.processes.gates import gated
from tests.support.processes.servers import Server, serving, wait_for
from tests.support.processes.trainers import training

pytestmark = pytest.mark.slow


@pytest.fixture
def gate():
    with Bucket.started() as bucket, gated(bucket) as gate:
        yield gate


@pytest.fixture
def installation(cancer, tmp_path, gate):
    moved = into_bucket(cancer.copy(tmp_path / "one"), "s3://boucle/versions")
    return moved.with_knobs(RETRAINING__BACKOFF_SECONDS="1")


@pytest.fixture
def loop(installation):
    made = Loop(installation)
    yield made
    made.engine.dispose()


def live(server: Server) -> str:
    return str(server.client.get("/model").json()["version"])


def row(loop):
    return loop.prepared.holdout_rows().values[0].tolist()


def test_serving_follows_the_bucket_and_answers_while_it_is_away(loop, gate):
    with serving(loop.installation) as server:
        assert live(server) == "0001"
        loop.artifacts.activate(loop.publish())
        wait_for(lambda: live(server) == "0002")
        gate.shut()
        assert server.predict(row(loop))["model_version"] == "0002"
        wait_for(lambda: "the bucket is away" in server.log.read_text())
        answer = server.client.post("/models/0001/activate", headers=admin(loop))
        assert (answer.status_code, live(server)) == (503, "0002")
        gate.open()
        wait_for(lambda: "is back" in server.log.read_text())
        assert server.client.post("/models/0001/activate", headers=admin(loop)).is_success
        assert server.predict(row(loop))["model_version"] == "0001"
        models = server.client.get("/models").json()["models"]
        assert [(one["version"], one.get("refused")) for one in models] == [
            ("0002", None),
            ("0001", None),
        ]


def admin(loop):
    return {"authorization": f"Bearer {loop.installation.key('admin')}"}


def test_serving_starts_from_its_cache_while_the_bucket_is_away(loop, gate):
    with serving(loop.installation) as server:
        server.stop()
        gate.shut()
        server.start()
        assert server.predict(row(loop))["model_version"] == "0001"


def test_serving_that_has_seen_nothing_waits_for_the_bucket(loop, gate):
    shutil.rmtree(loop.installation.folder / "cache")
    gate.shut()
    with serving(loop.installation) as server:
        assert server.client.get("/readyz").status_code == 503
        gate.open()
        wait_for(lambda: server.client.get("/readyz").is_success)
        assert live(server) == "0001"


def test_a_job_is_put_back_with_its_reason_until_the_bucket_is_there(loop, gate):
    with training(loop.installation) as trainer:
        wait_for(lambda: "waits for work" in trainer.log.read_text())
        gate.shut()
        loop.feed(60)
        wait_for(lambda: any(row["reason"] and "s3://" in row["reason"] for row in waiting(loop)))
        gate.open()
        decided = loop.wait_until_decided()
    assert [row["state"] for row in decided] == ["promoted"]
    assert loop.installation.artifacts().live_history()[0] == decided[0]["version"]


def waiting(loop):
    return [row for row in loop.decisions() if row["state"] == "queued"]
