"""The live model follows CURRENT, also in a bucket that is away at times."""

import shutil

import pytest

from serving.scoring.live_model import LiveModelWatcher
from tests.support.models_and_records.installations import into_bucket
from tests.support.models_and_records.loops import Loop
from tests.support.processes.buckets import Bucket
from tests.support.processes.gates import gated


@pytest.fixture
def gate():
    with Bucket.started() as bucket, gated(bucket) as gate:
        yield gate


@pytest.fixture
def loop(cancer, tmp_path, gate):
    made = Loop(into_bucket(cancer.copy(tmp_path), "s3://boucle/versions"))
    made.artifacts.activate(made.publish())
    yield made
    made.engine.dispose()


def test_a_version_before_serves_until_the_live_one_can_be_fetched(loop, gate):
    loop.artifacts.open("0001")
    shutil.rmtree(loop.artifacts.place.folder / "versions" / "0002")
    gate.shut()
    watcher = LiveModelWatcher(loop.installation.artifacts())
    assert watcher.reload_if_changed()
    assert watcher.model.version == "0001"
    gate.open()
    watcher = LiveModelWatcher(loop.installation.artifacts())
    watcher.reload_if_changed()
    assert watcher.model.version == "0002"


def test_what_is_live_in_memory_does_not_give_way_to_an_older_one(loop, gate):
    watcher = LiveModelWatcher(loop.artifacts)
    watcher.reload_if_changed()
    number = loop.publish()
    loop.installation.artifacts().activate(number)
    for left in ("0002", number):
        shutil.rmtree(loop.artifacts.place.folder / "versions" / left)
    gate.shut()
    assert not watcher.reload_if_changed()
    assert watcher.model.version == "0002"
