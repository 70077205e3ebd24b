"""Installations of Boucle in folders of their own, prepared and trained; used by the tests."""

import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipeline.datasets.made_files import encode_gif, encode_wav
from pipeline.datasets.made_films import make_moves
from pipeline.datasets.made_sounds import make_tones
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import ModelRegistry, open_registry
from pipeline.settings import Settings, load_settings
from scripts.maintenance.artifacts_backup import bring_back_artifacts
from scripts.prepare import prepare
from scripts.retraining.first_version import train_version

QUOTED = 'size "in cm", rounded'
MEDIA_FILES = 40  # in each folder of sounds or films: all labels have as many


@dataclass(frozen=True)
class Installation:
    """A folder with data, artifacts, records and secrets, and the knobs that differ from the
    defaults."""

    folder: Path
    knobs: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        places = {
            "ARTIFACTS__FOLDER": self.folder / "artifacts",
            "ARTIFACTS__SIGNING_KEY": self.folder / "secrets" / "signing.key",
            "STORE__SPOOL": self.folder / "store" / "spool",
            "SERVING__KEYS": self.folder / "secrets" / "keys.json",
            "PATHS__DATA": self.folder / "data",
            "PATHS__ARCHIVE": self.folder / "archive",
            "STORE__URL": f"sqlite:///{self.folder / 'store' / 'boucle.db'}",
        }
        named = {**{name: str(place) for name, place in places.items()}, **self.knobs}
        return {f"BOUCLE_{name}": value for name, value in named.items()}

    def settings(self) -> Settings:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            return load_settings()

    def artifacts(self) -> ModelRegistry:
        return open_registry(self.settings().artifacts)

    def key(self, scope: str) -> str:
        return (self.folder / "secrets" / f"{scope}.key").read_text().strip()

    def train(self) -> str:
        """Train one more version, which goes live, and return its number."""
        settings, artifacts = self.settings(), self.artifacts()
        version, _ = train_version(settings, artifacts, load_prepared(settings, artifacts))
        return str(version.manifest["version"])

    def copy(self, folder: Path, **knobs: str) -> "Installation":
        """The same model in another folder, under other knobs."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Installation(folder, {**self.knobs, **knobs})

    def with_knobs(self, **knobs: str) -> "Installation":
        return Installation(self.folder, {**self.knobs, **knobs})


def make_installation(folder: Path, source: str, **knobs: str) -> Installation:
    """Prepare a dataset and train a small forest on it."""
    small = {
        "DATASET__SOURCE": source,
        "TRAINING__PARAMETERS": json.dumps({"n_estimators": 10, "min_samples_leaf": 1}),
        "TRAINING__FOLDS": "2",
        "EMBEDDING__METHOD": "pca",
    }
    made = Installation(folder, {**small, **knobs})
    prepare(made.settings(), made.artifacts())
    made.train()
    return made


def write_sounds(folder: Path) -> None:
    """A small `tones`."""
    for number, (label, samples) in enumerate(make_tones(MEDIA_FILES)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{number}.wav").write_bytes(encode_wav(samples))


def write_films(folder: Path) -> None:
    """A small `moves`."""
    for number, (label, frames) in enumerate(make_moves(MEDIA_FILES)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{number}.gif").write_bytes(encode_gif(frames))


def write_mixed_table(path: Path) -> None:
    """Rows with every type of feature, cells left empty, and a name that needs care in JSON."""
    random = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["age", "income", "plan", "active", QUOTED, "churned"])
        for _ in range(300):
            age, income = int(random.integers(18, 80)), round(float(random.normal(3000, 900)), 2)
            plan = random.choice(["basic", "plus", "7"])
            churned = int(age < 40 or plan == "7")
            empty = random.random() < 0.05
            cells = [age, "" if empty else income, plan, ["no", "yes"][age % 2], age / 2, churned]
            writer.writerow(cells)


def into_bucket(made: Installation, url: str) -> Installation:
    """The same, with its versions in a bucket and no longer in its folder."""
    cache = str(made.folder / "cache")
    moved = made.with_knobs(ARTIFACTS__FOLDER=url, ARTIFACTS__CACHE=cache)
    artifacts = moved.artifacts()
    bring_back_artifacts(artifacts.place, made.folder / "artifacts", artifacts.key)
    shutil.rmtree(made.folder / "artifacts")
    return moved
