"""A publisher is killed at any moment: the live version is complete and verified, always."""

import subprocess
import sys

import pytest

from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signing import Key
from tests.support.models_and_records.versions import publish_small

KILLS = 50
KILL_PUBLISHERS = """
import itertools, os, random, signal, sys, time
from pathlib import Path
from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signing import Key

artifacts = ModelRegistry(FolderPlace(Path("artifacts")), Key.from_seed(b"k" * 32), 3, 0)

def publish():
    for turn in itertools.count():
        files = {name: os.urandom(50_000) for name in ("scaler.pkl", "pca.pkl", "model.pkl")}
        artifacts.activate(artifacts.publish(files, {"turn": turn}).manifest["version"])

for _ in range(int(sys.argv[1])):
    publisher = os.fork()
    if publisher == 0:
        publish()
    time.sleep(random.uniform(0, 0.03))
    os.kill(publisher, signal.SIGKILL)
    os.waitpid(publisher, 0)
    live = artifacts.open(artifacts.live_history()[0])
    print(live.manifest["version"], (artifacts.place.versions / ".staging").exists())
"""


@pytest.fixture
def artifacts(workplace):
    made = ModelRegistry(FolderPlace(workplace / "artifacts"), Key.from_seed(b"k" * 32), 3, 0)
    made.activate(publish_small(made).manifest["version"])
    return made


@pytest.mark.slow
def test_fifty_kills_leave_a_complete_and_verified_version_live(artifacts):
    command = [sys.executable, "-c", KILL_PUBLISHERS, str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lives, cut = zip(*(line.split() for line in done.stdout.splitlines()), strict=True)
    assert len(lives) == KILLS
    assert list(lives) == sorted(lives, key=int)
    assert "True" in cut, "no kill fell into the writing of a version"


def test_no_kill_leaves_half_a_version_or_stops_the_next(artifacts):
    command = [sys.executable, "-c", KILL_PUBLISHERS, "10"]
    subprocess.run(command, capture_output=True, check=True)
    last = artifacts.numbers()[-1]
    assert [artifacts.open(number).manifest["version"] for number in artifacts.numbers()]
    assert int(publish_small(artifacts).manifest["version"]) == int(last) + 1
    assert not (artifacts.place.versions / ".staging").exists()
