"""A trainer that is killed, hangs or runs out of memory: one training at a time, none is lost."""

import contextlib
import json
import os
import signal
from pathlib import Path

import pytest

from tests.reliability.clients import Client, working
from tests.support.models_and_records.loops import Loop
from tests.support.processes.servers import serving, wait_for
from tests.support.processes.trainers import training

pytestmark = pytest.mark.reliability
LEASE = 4  # a busy machine must not take it from one that lives
KNOBS = {
    "TRAINING__PARAMETERS": json.dumps({"n_estimators": 200}),
    "RETRAINING__GATE": "off",
    "RETRAINING__LEASE_SECONDS": str(LEASE),
    "RETRAINING__BACKOFF_SECONDS": "0.1",
    "RETRAINING__ATTEMPTS": "2",
    "RETRAINING__PATIENCE_SECONDS": "1",  # a busy machine must not starve it
}
DECIDED_SECONDS = 90


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer", **KNOBS))
    yield made
    made.engine.dispose()


@pytest.fixture
def predicted(loop):
    """The statuses of predictions that somebody asks for all the while."""
    with serving(loop.installation) as server:
        examples = [f["example"] for f in server.client.get("/schema").json()["features"]]
        statuses = []

        def ask(ended):
            with Client(server) as client:
                while not ended.wait(0.01):
                    statuses.append(client.post("/predict", {"features": examples})[0])

        with working([ask]):
            yield statuses


def running(trainers):
    """All trainings that have not ended."""
    return [pid for trainer in trainers for pid in trainer.children() if lives(pid)]


def lives(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_for_training(trainers):
    return wait_for(lambda: running(trainers), seconds=30)[0]


def end_state(loop):
    (decision,) = loop.wait_until_decided(DECIDED_SECONDS)
    return decision["state"], decision["attempts"], loop.live


def test_the_job_of_a_killed_trainer_is_taken_over_and_its_training_ends(loop, predicted):
    with training(loop.installation, "one") as one:
        loop.request()
        child = wait_for_training([one])
        one.kill()
        wait_for(lambda: not lives(child))
        with training(loop.installation, "two"):
            assert end_state(loop) == ("promoted", 2, "0002")
    assert set(predicted) == {200}


def test_of_two_trainers_one_trains(loop, predicted):
    with training(loop.installation, "one") as one, training(loop.installation, "two") as two:
        loop.request()
        most = 0
        while loop.decisions()[0]["state"] in ("queued", "running"):
            most = max(most, len(running([one, two])))
        assert most == 1
        assert end_state(loop) == ("promoted", 1, "0002")
    assert set(predicted) == {200}


def test_a_trainer_that_hangs_loses_its_job_and_decides_nothing_when_it_goes_on(loop, predicted):
    with training(loop.installation, "one") as one:
        loop.request()
        wait_for_training([one])
        one.hang()
        with training(loop.installation, "two"):
            assert end_state(loop)[:2] == ("promoted", 2)
            live = loop.live
            one.go_on()
            wait_for(lambda: "was taken over by another worker" in one.log.read_text())
    assert loop.live == live
    assert len(loop.decisions()) == 1
    assert set(predicted) == {200}


def test_a_training_that_is_killed_is_tried_again(loop, predicted):
    with training(loop.installation) as trainer:
        loop.request()
        os.kill(wait_for_training([trainer]), signal.SIGKILL)
        assert end_state(loop) == ("promoted", 2, "0002")
    assert set(predicted) == {200}


def test_a_training_without_memory_fails_in_the_end_and_changes_nothing(loop, predicted):
    short = loop.installation.with_knobs(RETRAINING__MEMORY_MB="256")
    with training(short):
        loop.request()
        assert end_state(loop) == ("failed", 2, "0001")
    assert loop.decisions()[0]["reason"].startswith("failed after 2 attempts: ")
    assert set(predicted) == {200}
