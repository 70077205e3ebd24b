"""What only a bucket does: races for CURRENT, what killed publishers leave, a cache that serves."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import ParentReplaced
from pipeline.registry.signed_folder import UntrustedArtifact
from tests.support.models_and_records.places import InBucket
from tests.support.models_and_records.versions import publish_live, publish_small
from tests.support.processes.buckets import Bucket

pytestmark = pytest.mark.slow  # with a bucket in a process of its own


@pytest.fixture
def artifacts(in_bucket):
    return in_bucket.registry


@pytest.fixture
def own_bucket(tmp_path):
    """One that a test may stop."""
    with Bucket.started() as bucket:
        yield bucket, InBucket(f"{bucket.url}/x", tmp_path / "caches")


def in_turn(versions, count, what):
    """Of several machines, all at once: what each made of it, or how it was refused."""
    together = threading.Barrier(count)

    def do(number):
        registry = versions.elsewhere()
        together.wait()
        try:
            return what(registry, number)
        except ParentReplaced as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(do, range(count)))


def test_of_several_trainers_one_replaces_the_parent_and_the_others_are_told(in_bucket, artifacts):
    first = publish_live(artifacts)
    rivals = [publish_small(artifacts).manifest["version"] for _ in range(4)]
    done = in_turn(in_bucket, 4, lambda one, n: one.activate(rivals[n], instead_of=first))
    refused = [one for one in done if isinstance(one, ParentReplaced)]
    assert len(refused) == 3
    live = artifacts.live_history()
    assert live[1:] == [first] and live[0] in rivals


def test_who_replaces_whatever_is_live_loses_nobody(in_bucket, artifacts):
    numbers = [publish_small(artifacts).manifest["version"] for _ in range(3)]
    in_turn(in_bucket, 3, lambda one, n: one.activate(numbers[n]))
    assert sorted(artifacts.live_history()) == numbers


def test_a_number_that_was_claimed_and_not_used_is_given_to_nobody_else(in_bucket, artifacts):
    in_bucket.write("versions/0001/claim", b"")
    in_bucket.write("versions/0001/model.pkl", b"half")
    assert artifacts.numbers() == []
    assert publish_small(artifacts).manifest["version"] == "0002"
    publish_small(artifacts)
    assert list(in_bucket.objects.names("versions/0001")) == []


def test_a_claim_within_the_grace_period_stays(in_bucket, artifacts):
    in_bucket.age("0001", 30)
    publish_small(artifacts)
    assert list(in_bucket.objects.names("versions/0001")) == ["versions/0001/claim"]


def test_a_version_that_is_about_to_be_removed_does_not_go_live(in_bucket, artifacts):
    first, second = publish_live(artifacts), publish_small(artifacts).manifest["version"]
    in_bucket.write(f"versions/{second}/removing", b"")
    with pytest.raises(UntrustedArtifact, match="was being removed"):
        artifacts.activate(second)
    assert artifacts.live_history() == [first]


def test_the_mark_of_a_killed_pruner_does_not_stay_on_what_is_live(in_bucket, artifacts):
    first = publish_live(artifacts)
    in_bucket.write(f"versions/{first}/removing", b"")
    publish_small(artifacts)
    assert artifacts.numbers() == [first, "0002"]


def test_a_damaged_cache_is_fetched_anew(in_bucket, artifacts, caplog):
    version = publish_live(artifacts)
    (artifacts.open(version).folder / "model.pkl").write_bytes(b"damaged")
    assert artifacts.open(version).read("model.pkl") == b"model"
    assert "It is to be fetched anew" in caplog.text


def test_a_cached_version_is_not_taken_for_another_of_its_number(in_bucket, artifacts):
    elsewhere = in_bucket.elsewhere()
    before = publish_live(artifacts)
    assert elsewhere.open(before).read("model.pkl") == b"model"
    in_bucket.remove("versions")
    artifacts.publish({"model.pkl": b"other"}, {})
    assert elsewhere.open(before).read("model.pkl") == b"other"


@pytest.mark.parametrize("content", [b"", b"mod", b"a whole other one"])
def test_a_cut_or_foreign_object_is_refused_and_not_kept(in_bucket, artifacts, content):
    version = publish_live(artifacts)
    in_bucket.write(f"versions/{version}/model.pkl", content)
    elsewhere = in_bucket.elsewhere()
    with pytest.raises(UntrustedArtifact, match=r"s3://.*model\.pkl is not the file"):
        elsewhere.open(version)
    assert not (elsewhere.place.folder / "versions").exists()


def test_no_file_is_fetched_that_no_signed_manifest_names(in_bucket, artifacts):
    version = publish_live(artifacts)
    in_bucket.write(
        f"versions/{version}/manifest.json", b'{"files": {"../x": ""}, "signature": ""}'
    )
    with pytest.raises(UntrustedArtifact, match="changed or signed by another installation"):
        in_bucket.elsewhere().open(version)


def test_the_cache_keeps_as_many_as_it_may_and_what_is_live(in_bucket, artifacts):
    live = publish_live(artifacts)
    for _ in range(5):
        publish_small(artifacts)
    kept = {path.name for path in (artifacts.place.folder / "versions").iterdir()}
    assert kept == {live, "0004", "0005", "0006"}


def test_what_was_seen_is_served_while_the_bucket_is_away(own_bucket, caplog):
    bucket, versions = own_bucket
    publish_live(versions.registry), publish_live(versions.registry)
    bucket.stop()
    assert versions.registry.live_history() == ["0002", "0001"]
    assert versions.registry.current().manifest["version"] == "0002"
    assert versions.registry.numbers() == ["0001", "0002"]
    assert [one.levelno for one in caplog.records] == [logging.WARNING]
    with pytest.raises(ObjectsUnavailable):
        publish_small(versions.registry)
    with pytest.raises(ObjectsUnavailable):
        versions.elsewhere().current()


def test_a_start_while_the_bucket_is_away_serves_what_was_live(own_bucket):
    bucket, versions = own_bucket
    publish_live(versions.registry)
    bucket.stop()
    versions.machines = iter([0])  # the same cache, another process
    assert versions.elsewhere().current().manifest["version"] == "0001"


def test_a_damaged_cache_is_no_refusal_while_the_bucket_is_away(own_bucket):
    """What is refused is not looked at again, and this one is sound once the bucket is back."""
    bucket, versions = own_bucket
    for _ in range(2):
        publish_live(versions.registry)
    (versions.registry.open("0002").folder / "model.pkl").write_bytes(b"damaged")
    bucket.stop()
    assert versions.registry.current().manifest["version"] == "0001"
    assert not versions.registry.is_refused("0002")


@pytest.mark.slow
def test_a_bucket_that_answers_nothing_is_away_soon(own_bucket):
    bucket, versions = own_bucket
    publish_live(versions.registry)
    versions.machines = iter([0])
    again = versions.elsewhere()
    bucket.hang()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(again.current).result(timeout=30).manifest["version"] == "0001"
    bucket.go_on()
