"""Versions are published whole, numbered once, kept as long as they may be needed."""

import subprocess
import sys

import pytest

from pipeline.registry.registry import ParentReplaced
from pipeline.registry.signed_folder import UntrustedArtifact
from tests.support.models_and_records.versions import publish_live, publish_small


def test_versions_are_numbered_in_turn_and_the_published_one_is_not_live(artifacts):
    numbers = [publish_small(artifacts).manifest["version"] for _ in range(3)]
    assert (numbers, artifacts.numbers(), artifacts.live_history()) == (
        ["0001", "0002", "0003"],
        ["0001", "0002", "0003"],
        [],
    )


def test_the_number_after_9999_is_10000(versions, artifacts):
    versions.write("versions/9999/manifest.json", b"")
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


def test_a_damaged_live_version_falls_back_to_the_last_good_one(versions, artifacts, caplog):
    for _ in range(3):
        publish_live(artifacts)
    versions.write("versions/0003/model.pkl", b"other")
    versions.remove("versions/0002")
    assert versions.elsewhere().current().manifest["version"] == "0001"
    assert "0003: model.pkl is not the file that was signed" in caplog.text


def test_a_version_that_never_was_live_is_no_fallback(versions, artifacts):
    publish_small(artifacts)
    publish_live(artifacts)
    versions.write("versions/0002/model.pkl", b"other")
    with pytest.raises(UntrustedArtifact, match="there is no good version"):
        versions.elsewhere().current()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../etc\n", b"0001\n" * 3])
def test_a_damaged_pointer_is_no_traceback(versions, artifacts, content):
    publish_live(artifacts)
    versions.write("CURRENT", content)
    if content.startswith(b"0001"):
        assert artifacts.current().manifest["version"] == "0001"
    else:
        with pytest.raises(UntrustedArtifact, match="there is no good version"):
            artifacts.current()


def test_old_versions_go_once_their_grace_is_over(versions, artifacts):
    for _ in range(5):
        publish_small(artifacts)
    versions.age("0001", 61)
    publish_small(artifacts)
    assert artifacts.numbers() == ["0002", "0003", "0004", "0005", "0006"]


def test_the_live_version_and_its_ancestors_are_never_removed(versions, artifacts):
    first, second = publish_live(artifacts), publish_live(artifacts)
    for _ in range(5):
        for number in artifacts.numbers():
            versions.age(number, 3600)
        publish_small(artifacts)
    assert artifacts.numbers() == [first, second, "0005", "0006", "0007"]
    assert artifacts.current().manifest["version"] == second


PUBLISH_FIVE = """
import sys
from pathlib import Path
from tests.support.models_and_records.places import InBucket, InFolder

kind, place, caches = sys.argv[1:]
versions = InFolder(Path(place)) if kind == "folder" else InBucket(place, Path(caches))
for _ in range(5):
    print(versions.registry.publish({"model.pkl": b"model"}, {}).manifest["version"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_concurrent_publishers_never_share_a_number(kind, request, workplace):
    place = "artifacts"
    if kind == "bucket":
        place = f"{request.getfixturevalue('bucket').url}/{workplace.name}"
    commands = [[sys.executable, "-c", PUBLISH_FIVE, kind, place, f"cache-{n}"] for n in range(4)]
    publishers = [subprocess.Popen(command, stdout=subprocess.PIPE) for command in commands]
    numbers = [number for each in publishers for number in each.communicate()[0].split()]
    assert sorted(map(int, numbers)) == list(range(1, 21))
