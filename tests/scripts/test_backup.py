"""make backup and make restore: all that is there comes back, elsewhere too."""

import stat
import threading

import pytest
from sqlalchemy import select

from pipeline.knobs import StoreSettings
from pipeline.store import feedback, open_store, predictions
from scripts.backup import backup
from scripts.console import Declined
from scripts.restore import restore
from tests.installations import Installation
from tests.loops import Loop
from tests.stores import STORES


@pytest.fixture(params=STORES)
def installation(request, cancer, tmp_path):
    if request.param == "sqlite":
        return cancer.copy(tmp_path / "one")
    url = request.getfixturevalue("postgres").make_database()
    return cancer.copy(tmp_path / "one", STORE__URL=url)


@pytest.fixture
def elsewhere(installation, tmp_path, request):
    """Another, empty installation of the same kind."""
    knobs = dict(installation.knobs)
    if "STORE__URL" in knobs:
        knobs["STORE__URL"] = request.getfixturevalue("postgres").make_database()
    return Installation(tmp_path / "two", knobs)


@pytest.fixture
def loop(installation):
    made = Loop(installation)
    made.feed(20)
    (made.installation.folder / "secrets" / "admin.key").write_text("the key")
    yield made
    made.engine.dispose()


def rows(installation, table=feedback):
    engine = open_store(StoreSettings(url=installation.settings().store.url))
    with engine.connect() as connection:
        found = connection.execute(select(table).order_by(table.c.seq)).all()
    engine.dispose()
    return found


def files(folder):
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_everything_comes_back_in_another_place(loop, installation, elsewhere, tmp_path):
    backup(installation.settings(), tmp_path / "b.tar.gz")
    restore(elsewhere.settings(), tmp_path / "b.tar.gz")
    assert rows(elsewhere) == rows(installation)
    assert len(rows(elsewhere)) == 20
    for name in ("artifacts", "data", "secrets"):
        assert files(elsewhere.folder / name) == files(installation.folder / name)
    assert elsewhere.artifacts().current().manifest["version"] == "0001"


def test_a_backup_that_is_made_while_rows_come_in_is_of_one_moment(
    loop, installation, elsewhere, tmp_path
):
    ended = threading.Event()

    def feed():
        while not ended.is_set():
            loop.feed(3)

    writer = threading.Thread(target=feed)
    writer.start()
    backup(installation.settings(), tmp_path / "b.tar.gz")
    ended.set()
    writer.join()
    restore(elsewhere.settings(), tmp_path / "b.tar.gz")
    found = rows(elsewhere)
    assert len(found) % 3 == 20 % 3
    assert found == rows(installation)[: len(found)]


@pytest.mark.parametrize(
    "installation", ["sqlite"], indirect=True
)  # a server's is not ours to move
def test_what_was_there_is_set_aside(loop, installation, tmp_path):
    backup(installation.settings(), tmp_path / "b.tar.gz")
    loop.feed(7)
    loop.engine.dispose()
    restore(installation.settings(), tmp_path / "b.tar.gz")
    (aside,) = (installation.folder / "archive").iterdir()
    kept = open_store(StoreSettings(url=f"sqlite:///{aside / 'boucle.db'}"))
    with kept.connect() as connection:
        assert len(connection.execute(select(feedback)).all()) == 27
    kept.dispose()
    assert (len(rows(installation)), rows(installation, predictions)) == (20, [])


def test_records_in_use_are_left_alone(loop, installation, tmp_path):
    """SQLite: somebody has them open. PostgreSQL: the database is not empty."""
    backup(installation.settings(), tmp_path / "b.tar.gz")
    with pytest.raises(Declined, match=r"in use|holds records"):
        restore(installation.settings(), tmp_path / "b.tar.gz")
    assert len(rows(installation)) == 20


def test_nobody_else_may_read_it(loop, installation, tmp_path):
    backup(installation.settings(), tmp_path / "b.tar.gz")
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [0, 100, 20_000])
def test_a_backup_that_is_cut_short_changes_nothing(loop, installation, tmp_path, kept):
    file = tmp_path / "b.tar.gz"
    backup(installation.settings(), file)
    loop.engine.dispose()
    file.write_bytes(file.read_bytes()[:kept])
    before = files(installation.folder)
    with pytest.raises(Declined, match="is no sound backup"):
        restore(installation.settings(), file)
    assert files(installation.folder) == before
