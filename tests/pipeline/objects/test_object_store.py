"""A folder and a bucket keep the same promises."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from pipeline.objects.object_store import ObjectStore, ObjectsUnavailable
from pipeline.objects.opening import open_objects
from pipeline.settings import InvalidSetting
from tests.support.processes.buckets import Bucket

Open = Callable[[], ObjectStore]


@pytest.fixture(params=["folder", "bucket", "azure"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same store anew, as another process would."""
    if request.param == "folder":
        return lambda: open_objects(str(tmp_path / "objects"))
    if request.param == "azure":
        azure: str = request.getfixturevalue("azure")
        return lambda: open_objects(f"{azure}/{tmp_path.name}")
    bucket: Bucket = request.getfixturevalue("bucket")
    return lambda: open_objects(f"{bucket.url}/{tmp_path.name}")


def test_what_is_written_is_read(opened: Open) -> None:
    store = opened()
    assert store.read("versions/0001/model.pkl") is None
    store.write("versions/0001/model.pkl", b"\x00\xff")
    found = opened().read("versions/0001/model.pkl")
    assert found is not None and found.content == b"\x00\xff"


def test_what_has_not_changed_is_not_read_again(opened: Open) -> None:
    store = opened()
    store.write("CURRENT", b"0001\n")
    known = store.read("CURRENT")
    assert known is not None and store.read("CURRENT", known) is known
    store.write("CURRENT", b"0002\n")
    other = store.read("CURRENT", known)
    assert other is not None and other.content == b"0002\n"
    store.delete("CURRENT")
    assert store.read("CURRENT", other) is None


def test_creating_does_not_overwrite(opened: Open) -> None:
    store = opened()
    assert store.create("a/b", b"first") is not None
    assert store.create("a/b", b"second") is None
    found = store.read("a/b")
    assert found is not None and found.content == b"first"


def test_replacing_needs_what_is_there(opened: Open) -> None:
    store = opened()
    first = store.create("CURRENT", b"0001")
    assert first is not None
    second = store.replace("CURRENT", b"0002", first)
    assert second is not None
    assert store.replace("CURRENT", b"0003", first) is None
    assert store.replace("CURRENT", b"0003", second) is not None
    assert store.replace("nothing", b"x", first) is None
    assert store.read("nothing") is None


def test_of_many_writers_one_wins(opened: Open) -> None:
    known = opened().create("CURRENT", b"before")
    assert known is not None
    together = threading.Barrier(8)

    def race(place: int) -> tuple[bool, bool]:
        store = opened()
        together.wait()
        created = store.create("new", b"by %d" % place)
        replaced = store.replace("CURRENT", b"by %d" % place, known)
        return created is not None, replaced is not None

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(race, range(8)))
    assert sum(created for created, _ in won) == 1
    assert sum(replaced for _, replaced in won) == 1


def test_names_are_sorted_and_below_a_folder(opened: Open) -> None:
    store = opened()
    for name in ("b/2/x", "a", "b/10/x", "bb/1"):
        store.write(name, b"")
    assert list(store.names()) == ["a", "b/10/x", "b/2/x", "bb/1"]
    assert list(store.names("b")) == ["b/10/x", "b/2/x"]
    assert list(store.names("c")) == []


def test_deleting_twice_is_no_error(opened: Open) -> None:
    store = opened()
    store.write("a/b", b"x")
    store.delete("a/b")
    store.delete("a/b")
    assert store.read("a/b") is None


@pytest.mark.parametrize("name", ["../a", "a//b", "/a", "a/..", ".a", "a/.b", "a\\b", "", "a\n"])
def test_a_name_leads_nowhere_else(opened: Open, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        opened().write(name, b"x")


def test_large_objects_pass(opened: Open) -> None:
    content = bytes(range(256)) * 80_000
    store = opened()
    store.create("large", content)
    found = store.read("large")
    assert found is not None and found.content == content


def test_a_bucket_that_is_away_says_so() -> None:
    with Bucket.started() as bucket:
        store = open_objects(f"{bucket.url}/x")
        store.write("a", b"1")
        bucket.stop()
        with pytest.raises(ObjectsUnavailable, match="s3://"):
            store.read("a")


@pytest.mark.parametrize("place", ["ftp://host/a", "file://host/a"])
def test_other_places_are_refused(place: str) -> None:
    with pytest.raises(InvalidSetting):
        open_objects(place)


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    open_objects(f"file://{tmp_path}/with%20space").write("a", b"1")
    assert (tmp_path / "with space" / "a").read_bytes() == b"1"


def test_a_bucket_that_keeps_versions_replaces_what_is_known(bucket: Bucket) -> None:
    with httpx.Client(base_url=bucket.environment["AWS_ENDPOINT_URL"]) as client:
        client.put("/versioned").raise_for_status()
        status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        client.put("/versioned?versioning", content=status).raise_for_status()
    store = open_objects("s3://versioned/x")
    first = store.create("CURRENT", b"1")
    assert first is not None and " " in first.tag
    second = store.replace("CURRENT", b"2", first)
    assert second is not None and store.replace("CURRENT", b"3", first) is None
    assert store.read("CURRENT", store.read("CURRENT", second)) is not None
