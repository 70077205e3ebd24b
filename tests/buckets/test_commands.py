"""prepare, train, rollback, backup and restore, with the versions in a bucket."""

import os

import httpx
import pytest

from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.objects.opening import open_objects
from pipeline.registry.prepared import NotPrepared, load_prepared
from pipeline.registry.registry import open_registry
from pipeline.settings import InvalidSetting, load_settings
from scripts import rollback
from scripts.maintenance.backup_bundle import backup
from scripts.maintenance.restore_bundle import restore
from scripts.prepare import prepare
from tests.support.models_and_records.installations import Installation, into_bucket
from tests.support.models_and_records.loops import Loop
from tests.support.models_and_records.versions import make_version

pytestmark = pytest.mark.slow  # processes that are started, stopped and killed


@pytest.fixture
def url(bucket, tmp_path):
    return f"{bucket.url}/{tmp_path.name}"


@pytest.fixture
def installation(cancer, tmp_path, url):
    return into_bucket(cancer.copy(tmp_path / "one"), url)


@pytest.fixture
def loop(installation):
    made = Loop(installation)
    yield made
    made.engine.dispose()


def contents(url):
    objects = open_objects(url)
    return {name: objects.read(name).content for name in objects.names()}


def test_a_first_version_is_made_in_a_bucket(settings, url):
    wanted = settings(dataset__source="iris", artifacts__folder=url)
    assert make_version(wanted).manifest["version"] == "0001"
    assert make_version(wanted).manifest["version"] == "0002"
    assert open_registry(wanted.artifacts).live_history() == ["0002", "0001"]
    assert not (wanted.artifacts.cache.parent.parent / "artifacts").exists()


def test_a_retraining_is_published_there(loop):
    loop.feed(60)
    decision = loop.retrain()
    assert (decision.state, decision.version) == ("promoted", "0002")
    loop.artifacts.activate("0002", instead_of="0001")
    assert loop.installation.artifacts().live_history() == ["0002", "0001"]


def test_rollback_goes_back(loop):
    loop.artifacts.activate(loop.publish())
    settings, artifacts = loop.installation.settings(), loop.installation.artifacts()
    rollback.roll_back(settings, artifacts, rollback.previous(artifacts))
    assert loop.live == "0001"


def test_a_backup_holds_what_the_bucket_holds_and_brings_it_back(loop, url, tmp_path):
    loop.feed(5)
    loop.publish()
    before = contents(url)
    httpx.put(f"{os.environ['AWS_ENDPOINT_URL']}/{url.removeprefix('s3://')}/some notes.txt")
    backup(loop.settings, tmp_path / "b.tar.gz")
    knobs = {**loop.installation.knobs, "ARTIFACTS__FOLDER": f"{url}-2"}
    elsewhere = Installation(tmp_path / "two", {**knobs, "ARTIFACTS__CACHE": str(tmp_path / "c")})
    restore(elsewhere.settings(), tmp_path / "b.tar.gz", trust=True)
    assert contents(f"{url}-2") == before
    assert elsewhere.artifacts().current().manifest["version"] == "0001"
    restore(elsewhere.settings(), tmp_path / "b.tar.gz")
    aside = [name for name in contents(f"{url}-2") if name.startswith("archive/")]
    assert len(aside) == len(before)


def test_a_backup_of_a_folder_is_restored_into_a_bucket_and_back(cancer, url, tmp_path):
    Loop(cancer.copy(tmp_path / "folder")).engine.dispose()
    backup(cancer.copy(tmp_path / "folder").settings(), tmp_path / "b.tar.gz")
    knobs = {"ARTIFACTS__FOLDER": url, "ARTIFACTS__CACHE": str(tmp_path / "cache")}
    bucket = Installation(tmp_path / "two", {**cancer.knobs, **knobs})
    restore(bucket.settings(), tmp_path / "b.tar.gz", trust=True)
    assert bucket.artifacts().current().manifest["version"] == "0001"
    backup(bucket.settings(), tmp_path / "c.tar.gz")
    folder = Installation(tmp_path / "three", cancer.knobs)
    restore(folder.settings(), tmp_path / "c.tar.gz", trust=True)
    assert folder.artifacts().current().manifest["version"] == "0001"


def test_fresh_sets_aside_within_the_bucket(settings, url):
    wanted = settings(dataset__source="iris", artifacts__folder=url)
    make_version(wanted)
    before = contents(url)
    prepare(wanted, open_registry(wanted.artifacts), fresh=True)
    now = contents(url)
    stamp = {name.split("/")[1] for name in now if name.startswith("archive/")}
    assert len(stamp) == 1
    assert {name: now[f"archive/{min(stamp)}/{name}"] for name in before} == before
    assert open_registry(wanted.artifacts).live_history() == []
    assert load_prepared(wanted, open_registry(wanted.artifacts))


def test_an_empty_bucket_is_not_prepared(settings, url):
    wanted = settings(artifacts__folder=url)
    with pytest.raises(NotPrepared, match="Nothing is prepared yet"):
        load_prepared(wanted, open_registry(wanted.artifacts))


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("ftp://host/versions", r"artifacts\.folder: .*begins with one of s3://"),
        ("file://host/versions", r"artifacts\.folder: .*three slashes"),
    ],
)
def test_a_place_of_an_unknown_kind_is_refused(settings, folder, reason):
    with pytest.raises(InvalidSetting, match=reason):
        open_registry(settings(artifacts__folder=folder).artifacts)


def test_a_file_url_is_a_folder(settings, workplace):
    wanted = settings(dataset__source="iris", artifacts__folder=f"file://{workplace}/mine")
    make_version(wanted)
    assert (workplace / "mine" / "versions" / "0001").is_dir()


def test_without_the_package_the_sentence_says_what_installs_it(settings, url, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pipeline.objects.bucket_objects", None)
    with pytest.raises(InvalidSetting, match=r"artifacts\.folder: .* make bucket installs it"):
        open_registry(settings(artifacts__folder=url).artifacts)


def test_a_bucket_that_nobody_made_is_no_traceback(settings, bucket):
    wanted = settings(artifacts__folder="s3://nobody-made-this/x")
    assert load_settings().artifacts.folder == wanted.artifacts.folder
    with pytest.raises(ObjectsUnavailable, match="nobody-made-this"):
        open_registry(wanted.artifacts).publish({}, {})
