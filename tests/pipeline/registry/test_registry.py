"""Versions are published whole, numbered once, kept as long as they may be needed."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.registry.registry import ModelRegistry, ParentReplaced
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.registry.signing import Key
from tests.support.versions import publish_small

KEY = Key.from_seed(b"k" * 32)


@pytest.fixture
def artifacts(tmp_path):
    return ModelRegistry(tmp_path / "artifacts", KEY, keep=3, grace_seconds=60)


def age(artifacts, number, seconds):
    past = time.time() - seconds
    os.utime(artifacts.versions / number, (past, past))


def publish_live(artifacts):
    return artifacts.activate(publish_small(artifacts).manifest["version"]).manifest["version"]


def test_versions_are_numbered_in_turn_and_the_published_one_is_not_live(artifacts):
    numbers = [publish_small(artifacts).manifest["version"] for _ in range(3)]
    assert (numbers, artifacts.numbers(), artifacts.live_history()) == (
        ["0001", "0002", "0003"],
        ["0001", "0002", "0003"],
        [],
    )


def test_the_number_after_9999_is_10000(artifacts):
    artifacts.versions.mkdir(parents=True)
    (artifacts.versions / "9999").mkdir()
    assert publish_small(artifacts).manifest["version"] == "10000"
    assert publish_small(artifacts).manifest["version"] == "10001"


def test_the_live_version_is_the_activated_one(artifacts):
    publish_live(artifacts)
    publish_small(artifacts)
    assert artifacts.current().manifest["version"] == "0001"


def test_a_version_replaces_the_one_that_it_was_judged_against_and_no_other(artifacts):
    for _ in range(2):
        publish_live(artifacts)
    publish_small(artifacts)
    with pytest.raises(ParentReplaced, match="judged against 0001, meanwhile 0002 is live"):
        artifacts.activate("0003", instead_of="0001")
    assert artifacts.activate("0003", instead_of="0002").manifest["version"] == "0003"


def test_going_back_forgets_what_was_live_since(artifacts):
    for _ in range(3):
        publish_live(artifacts)
    artifacts.activate("0002")
    assert artifacts.live_history() == ["0002", "0001"]


def test_the_pickles_of_the_live_version_are_where_the_course_looks(artifacts):
    for _ in range(2):
        publish_live(artifacts)
    model = artifacts.folder / "model.pkl"
    assert model.resolve() == artifacts.versions / "0002" / "model.pkl"
    artifacts.activate("0001")
    assert model.resolve() == artifacts.versions / "0001" / "model.pkl"
    without_pca = artifacts.publish({"scaler.pkl": b"scaler", "model.pkl": b"model"}, {})
    artifacts.activate(without_pca.manifest["version"])
    assert not (artifacts.folder / "pca.pkl").is_symlink()


def test_without_links_a_version_goes_live_all_the_same(artifacts, monkeypatch, caplog):
    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert publish_live(artifacts) == "0001"
    assert artifacts.live_history() == ["0001"]
    assert "no links here" in caplog.text


def test_a_version_carries_its_facts(artifacts):
    version = publish_small(artifacts, trigger="by hand", parent=None)
    assert (version.manifest["trigger"], version.manifest["parent"]) == ("by hand", None)


@pytest.mark.parametrize(
    "number", ["0009", "1", "../0001", "", ".staging", "CURRENT", "\N{ARABIC-INDIC DIGIT ONE}" * 4]
)
def test_what_is_no_version_is_refused(artifacts, number):
    publish_small(artifacts)
    with pytest.raises(UntrustedArtifact, match="There is no version"):
        artifacts.open(number)


def test_without_a_version_the_sentence_says_what_to_run(artifacts):
    with pytest.raises(UntrustedArtifact, match=r"there is no good version; run scripts/train\.py"):
        artifacts.current()


def test_a_damaged_live_version_falls_back_to_the_last_good_one(artifacts, caplog):
    for _ in range(3):
        publish_live(artifacts)
    (artifacts.versions / "0003" / "model.pkl").write_bytes(b"other")
    shutil.rmtree(artifacts.versions / "0002")
    assert artifacts.current().manifest["version"] == "0001"
    assert "0003: model.pkl is not the file that was signed" in caplog.text


def test_a_damage_is_logged_once_however_often_it_is_looked_at(artifacts, caplog):
    publish_live(artifacts), publish_live(artifacts)
    model = artifacts.versions / "0002" / "model.pkl"
    sound = model.read_bytes()
    for content in (b"damaged", sound, b"damaged again"):
        model.write_bytes(content)
        for _ in range(5):
            artifacts.current()
    assert len(caplog.records) == 2


def test_a_version_that_never_was_live_is_no_fallback(artifacts):
    publish_small(artifacts)
    publish_live(artifacts)
    (artifacts.versions / "0002" / "model.pkl").write_bytes(b"other")
    with pytest.raises(UntrustedArtifact, match="there is no good version"):
        artifacts.current()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../etc\n", b"0001\n" * 3])
def test_a_damaged_pointer_is_no_traceback(artifacts, content):
    publish_live(artifacts)
    (artifacts.folder / "CURRENT").write_bytes(content)
    if content.startswith(b"0001"):
        assert artifacts.current().manifest["version"] == "0001"
    else:
        with pytest.raises(UntrustedArtifact, match="there is no good version"):
            artifacts.current()


def test_old_versions_go_once_their_grace_is_over(artifacts):
    for _ in range(5):
        publish_small(artifacts)
    age(artifacts, "0001", 61)
    publish_small(artifacts)
    assert artifacts.numbers() == ["0002", "0003", "0004", "0005", "0006"]


def test_the_live_version_and_its_ancestors_are_never_removed(artifacts):
    first, second = publish_live(artifacts), publish_live(artifacts)
    for _ in range(5):
        for number in artifacts.numbers():
            age(artifacts, number, 3600)
        publish_small(artifacts)
    assert artifacts.numbers() == [first, second, "0005", "0006", "0007"]
    assert artifacts.current().manifest["version"] == second


def test_what_a_killed_publisher_left_is_cleared(artifacts):
    (artifacts.versions / ".staging").mkdir(parents=True)
    (artifacts.versions / ".staging" / "model.pkl").write_bytes(b"half")
    publish_small(artifacts)
    assert sorted(path.name for path in artifacts.versions.iterdir()) == ["0001"]


PUBLISH_FIVE = """
from pathlib import Path
from pipeline.registry.registry import ModelRegistry, ParentReplaced
from pipeline.registry.signing import Key

artifacts = ModelRegistry(Path("artifacts"), Key.from_seed(b"k" * 32), keep=3, grace_seconds=60)
for _ in range(5):
    print(artifacts.publish({"model.pkl": b"model"}, {}).manifest["version"])
"""


@pytest.mark.slow
def test_concurrent_publishers_never_share_a_number(workplace):
    command = [sys.executable, "-c", PUBLISH_FIVE]
    publishers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    numbers = [number for each in publishers for number in each.communicate()[0].split()]
    assert sorted(map(int, numbers)) == list(range(1, 21))
