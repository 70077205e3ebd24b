"""What the tests share: a folder to work in, settings, small data, installations, servers."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from pipeline.setting_tables import StoreSettings
from pipeline.settings import PREFIX, load_settings
from pipeline.store.database import connect, create_schema
from tests.support.models_and_records.installations import (
    Installation,
    make_installation,
    write_films,
    write_mixed_table,
    write_sounds,
)
from tests.support.models_and_records.stores import STORES
from tests.support.processes import azurite
from tests.support.processes.buckets import Bucket
from tests.support.processes.postgres import Cluster, find_programs
from tests.support.processes.servers import Server, serving

ROOT = Path(__file__).parents[1]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty working folder, and no setting from outside."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the processes that a test starts
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def settings(workplace, monkeypatch):
    """Read the settings in the working folder, with knobs given as dataset__source="iris"."""

    def read(**knobs):
        small = {
            "training__parameters": '{"n_estimators": 5}',
            "training__folds": 2,
            "embedding__method": "pca",
        }
        for knob, value in (small | knobs).items():
            monkeypatch.setenv(PREFIX + knob.upper(), str(value))
        return load_settings()

    return read


@pytest.fixture
def shop(workplace):
    """An own CSV file: a number, a whole number, a boolean and a category, some missing."""
    rows = ["loyal,price,visits,city,target"]
    for place in range(60):
        loyal = ("yes", "no", "")[place % 3]
        price = "" if place % 7 == 0 else f"{place * 1.5}"
        city = ("Bern", "Zürich", "Genève, VD", "")[place % 4].replace("Genève, VD", '"Genève, VD"')
        rows.append(f"{loyal},{price},{place % 9},{city},{'buys' if place % 2 else 'leaves'}")
    path = workplace / "shop.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def pictures(workplace):
    """An own folder of images: dark ones and light ones, ten of each."""
    random = np.random.default_rng(0)
    for label, light in (("dark", 40), ("light", 200)):
        (workplace / "pictures" / label).mkdir(parents=True)
        for number in range(10):
            pixels = random.normal(light, 10, (9, 12)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(workplace / "pictures" / label / f"{number}.png")
    return workplace / "pictures"


@pytest.fixture(scope="session")
def cancer(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return make_installation(tmp_path_factory.mktemp("cancer"), "breast_cancer")


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return make_installation(tmp_path_factory.mktemp("digits"), "digits")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("mixed")
    write_mixed_table(folder / "table.csv")
    knobs = {"DATASET__TARGET": "churned", "EMBEDDING__METHOD": "features"}
    return make_installation(folder, str(folder / "table.csv"), **knobs)


NO_PYAV = "PyAV is not installed: make media"


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Some of the sounds of `tones`, as a folder of one's own."""
    pytest.importorskip("av", reason=NO_PYAV)
    folder = tmp_path_factory.mktemp("tones")
    write_sounds(folder / "sounds")
    return make_installation(folder, str(folder / "sounds"))


@pytest.fixture(scope="session")
def moves(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Some of the films of `moves`."""
    pytest.importorskip("av", reason=NO_PYAV)
    folder = tmp_path_factory.mktemp("moves")
    write_films(folder / "films")
    return make_installation(folder, str(folder / "films"))


@pytest.fixture(scope="session")
def cancer_server(
    cancer: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """For tests that leave it as it was, but for more records."""
    with serving(cancer.copy(tmp_path_factory.mktemp("cancer-server"))) as server:
        yield server


@pytest.fixture(scope="session")
def digits_server(
    digits: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with serving(digits.copy(tmp_path_factory.mktemp("digits-server"))) as server:
        yield server


@pytest.fixture(scope="session")
def mixed_server(mixed: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(mixed.copy(tmp_path_factory.mktemp("mixed-server"))) as server:
        yield server


@pytest.fixture(scope="session")
def tones_server(tones: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tones.copy(tmp_path_factory.mktemp("tones-server"))) as server:
        yield server


@pytest.fixture(scope="session")
def moves_server(moves: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(moves.copy(tmp_path_factory.mktemp("moves-server"))) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; on Debian: apt install postgresql")
    cluster = Cluster(programs).start()
    yield cluster
    cluster.remove()


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store' / 'boucle.db'}"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.clear_database()


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    engine = connect(StoreSettings(url=store_url))
    create_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    with Bucket.started() as bucket:
        yield bucket


@pytest.fixture(scope="session")
def azure() -> Iterator[str]:
    """The URL of a container in Azure's storage."""
    if not azurite.PROGRAM:
        pytest.skip("needs Azurite, from npm: AZURITE names its azurite-blob")
    with azurite.azure_container() as url:
        yield url
