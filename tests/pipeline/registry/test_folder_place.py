"""What only a folder does: links, a staging folder, damage that is seen at once."""

from pathlib import Path

from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.registry import ModelRegistry
from tests.support.models_and_records.places import KEY
from tests.support.models_and_records.versions import publish_live, publish_small


def test_the_pickles_of_the_live_version_are_where_the_course_looks(in_folder):
    artifacts = in_folder.registry
    for _ in range(2):
        publish_live(artifacts)
    model = in_folder.folder / "model.pkl"
    assert model.resolve() == artifacts.place.versions / "0002" / "model.pkl"
    artifacts.activate("0001")
    assert model.resolve() == artifacts.place.versions / "0001" / "model.pkl"
    without_pca = artifacts.publish({"scaler.pkl": b"scaler", "model.pkl": b"model"}, {})
    artifacts.activate(without_pca.manifest["version"])
    assert not (in_folder.folder / "pca.pkl").is_symlink()


def test_copies_of_them_are_put_where_the_setting_says(in_folder, tmp_path):
    shown = tmp_path / "shown"
    place = FolderPlace(in_folder.folder, shown)
    artifacts = ModelRegistry(place, KEY, keep=3, grace_seconds=60)
    publish_live(artifacts)
    assert (shown / "model.pkl").read_bytes() == (place.versions / "0001/model.pkl").read_bytes()
    assert not (in_folder.folder / "model.pkl").exists()
    without_pca = artifacts.publish({"scaler.pkl": b"scaler", "model.pkl": b"other"}, {})
    artifacts.activate(without_pca.manifest["version"])
    assert sorted(path.name for path in shown.iterdir()) == ["model.pkl", "scaler.pkl"]
    assert (shown / "model.pkl").read_bytes() == b"other"


def test_without_links_a_version_goes_live_all_the_same(in_folder, monkeypatch, caplog):
    artifacts = in_folder.registry

    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert publish_live(artifacts) == "0001"
    assert artifacts.live_history() == ["0001"]
    assert "no links here" in caplog.text


def test_a_damage_is_logged_once_however_often_it_is_looked_at(in_folder, caplog):
    artifacts = in_folder.registry
    publish_live(artifacts), publish_live(artifacts)
    model = artifacts.place.versions / "0002" / "model.pkl"
    sound = model.read_bytes()
    for content in (b"damaged", sound, b"damaged again"):
        model.write_bytes(content)
        for _ in range(5):
            artifacts.current()
    assert len(caplog.records) == 2


def test_what_a_killed_publisher_left_is_cleared(in_folder):
    artifacts = in_folder.registry
    (artifacts.place.versions / ".staging").mkdir(parents=True)
    (artifacts.place.versions / ".staging" / "model.pkl").write_bytes(b"half")
    publish_small(artifacts)
    assert sorted(path.name for path in artifacts.place.versions.iterdir()) == ["0001"]
