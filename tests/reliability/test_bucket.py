"""Versions in a bucket: races, kills, damage, and a minute without it under load."""

import functools
import time

import pytest

from tests.reliability.bucket_trials import damage, kill_publishers, predict_steadily, race
from tests.support.models_and_records.installations import into_bucket
from tests.support.models_and_records.loops import Loop
from tests.support.models_and_records.places import InBucket
from tests.support.processes.buckets import Bucket
from tests.support.processes.gates import gated
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.reliability
TURNS, AWAY_SECONDS, A_SECOND = 200, 60.0, 200


@pytest.fixture
def versions(bucket, tmp_path):
    return InBucket(f"{bucket.url}/{tmp_path.name}", tmp_path / "caches")


def test_of_two_trainers_one_wins_and_the_other_is_told(versions):
    assert race(versions, TURNS) == {"one won": TURNS}


def test_whenever_a_publisher_is_killed_what_is_live_is_whole(versions):
    told = kill_publishers(versions, TURNS)
    assert told["whole"] == TURNS
    assert told["cut within a version"], "no kill fell into the writing of a version"


def test_what_was_changed_in_the_bucket_is_refused(versions):
    told = damage(versions, TURNS)
    assert sum(told.values()) == TURNS
    assert all(what.endswith("refused") for what in told)


def test_predictions_go_on_while_the_bucket_is_away_for_a_minute(cancer, tmp_path):
    with Bucket.started() as bucket, gated(bucket) as gate:
        loop = Loop(into_bucket(cancer.copy(tmp_path), "s3://boucle/versions"))
        features = loop.prepared.holdout_rows().values[0].tolist()
        with serving(loop.installation) as server:
            pause = functools.partial(time.sleep, AWAY_SECONDS)
            follow = functools.partial(promote_and_wait, loop, server)
            steps = (gate.shut, pause, gate.open, follow)
            statuses, _ = predict_steadily(server, features, A_SECOND, steps)
        loop.engine.dispose()
    assert set(statuses) == {200}
    assert sum(statuses.values()) > AWAY_SECONDS * A_SECOND / 2


def promote_and_wait(loop, server):
    number = loop.publish()
    loop.artifacts.activate(number)
    wait_for(lambda: server.client.get("/model").json()["version"] == number)
