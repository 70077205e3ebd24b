"""A second installation writes into its own folder, whatever the first one is told."""

from pathlib import Path

from pipeline.settings import load_settings
from scripts.preparation.separate_folder import separate


def paths_in(tables):
    return [
        value for table in tables.values() for value in table.values() if isinstance(value, Path)
    ]


def separated(folder, monkeypatch):
    for name, value in separate(folder).items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_every_path_of_the_settings_lies_in_the_folder(workplace, monkeypatch):
    """A setting that is added with another path is missing in PLACES."""
    settings = separated(workplace / "own", monkeypatch)
    paths = paths_in(settings.model_dump())
    assert len(paths) > 5
    assert [path for path in paths if not path.is_relative_to(workplace / "own")] == []


def test_a_configured_postgresql_is_not_asked(workplace, monkeypatch):
    store = '[store]\nurl = "postgresql://boucle@db/boucle"\npassword_file = "secret"\n'
    Path("config.toml").write_text(store)
    settings = separated(workplace / "own", monkeypatch)
    assert settings.store.url == f"sqlite:///{workplace}/own/store/boucle.db"
    assert settings.store.password_file == ""


def test_the_dataset_stays_the_configured_one(workplace, monkeypatch):
    Path("config.toml").write_text('[dataset]\nsource = "iris"\n')
    assert separated(workplace / "own", monkeypatch).dataset.source == "iris"
