"""make backup and make restore: all that is there comes back, elsewhere too."""

import io
import json
import stat
import tarfile
import threading

import pytest
from sqlalchemy import select

from pipeline.setting_tables import StoreSettings
from pipeline.store.database import SCHEMA_VERSION, connect
from pipeline.store.tables import feedback, predictions
from scripts.cli.command import CommandError
from scripts.maintenance import backup_bundle as module
from scripts.maintenance.backup_bundle import FACTS, backup
from scripts.maintenance.restore_bundle import restore
from tests.support.models_and_records.installations import Installation
from tests.support.models_and_records.loops import Loop
from tests.support.models_and_records.stores import STORES


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
    engine = connect(StoreSettings(url=installation.settings().store.url))
    with engine.connect() as connection:
        found = connection.execute(select(table).order_by(table.c.seq)).all()
    engine.dispose()
    return found


def files(folder):
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_everything_comes_back_in_another_place(loop, installation, elsewhere, tmp_path):
    backup(installation.settings(), tmp_path / "b.tar.gz")
    restore(elsewhere.settings(), tmp_path / "b.tar.gz", trust=True)
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
    restore(elsewhere.settings(), tmp_path / "b.tar.gz", trust=True)
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
    kept = connect(StoreSettings(url=f"sqlite:///{aside / 'boucle.db'}"))
    with kept.connect() as connection:
        assert len(connection.execute(select(feedback)).all()) == 27
    kept.dispose()
    assert (len(rows(installation)), rows(installation, predictions)) == (20, [])


def test_records_in_use_are_left_alone(loop, installation, tmp_path):
    """SQLite: somebody has them open. PostgreSQL: the database is not empty."""
    backup(installation.settings(), tmp_path / "b.tar.gz")
    with pytest.raises(CommandError, match=r"in use|holds records"):
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
    with pytest.raises(CommandError, match="is no sound backup"):
        restore(installation.settings(), file)
    assert files(installation.folder) == before


@pytest.fixture
def file(loop, installation, tmp_path):
    """A backup of an installation whose records nobody has open any more."""
    backup(installation.settings(), tmp_path / "b.tar.gz")
    loop.engine.dispose()
    return tmp_path / "b.tar.gz"


ON_FILES = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@ON_FILES
def test_one_that_another_installation_made_is_restored_only_on_trust(file, elsewhere):
    """Its signing key would open whatever versions it brings."""
    with pytest.raises(CommandError, match=r"not made by this installation.*TRUST=--trust"):
        restore(elsewhere.settings(), file)
    assert not (elsewhere.folder / "secrets").exists()
    restore(elsewhere.settings(), file, trust=True)
    restore(elsewhere.settings(), file)  # it is one of its own by now


@ON_FILES
@pytest.mark.parametrize("name", ["artifacts/versions/0001/model.pkl", "records.db", "new.key"])
def test_one_that_was_changed_is_no_sound_backup(file, installation, elsewhere, name):
    pack_again(file, {name: b"hostile"})
    for place, trust in ((installation, False), (elsewhere, True)):
        with pytest.raises(CommandError, match="it was changed"):
            restore(place.settings(), file, trust)


@ON_FILES
def test_one_without_a_signature_is_not_our_own(file, installation):
    facts = json.dumps({"schema_version": SCHEMA_VERSION}).encode()
    pack_again(file, {FACTS: facts})
    with pytest.raises(CommandError, match="not made by this installation"):
        restore(installation.settings(), file)
    restore(installation.settings(), file, trust=True)


def pack_again(file, changed):
    """The same backup with other contents."""
    with tarfile.open(file) as packed:
        held = {m.name: packed.extractfile(m).read() for m in packed if m.isreg()}
    write_backup(file, [(tarfile.TarInfo(n), c) for n, c in {**held, **changed}.items()])


def write_backup(file, members):
    with tarfile.open(file, "w:gz") as packed:
        for member, content in members:
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))


def strange(name, kind=tarfile.REGTYPE, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@ON_FILES
@pytest.mark.parametrize(
    "member",
    [
        strange("../outside"),
        strange("/tmp/outside"),
        strange("data/../../outside"),
        strange("data", tarfile.SYMTYPE, "/tmp"),
        strange("data/x", tarfile.LNKTYPE, "../outside"),
        strange("data/x", tarfile.FIFOTYPE),
        strange("data/x", tarfile.CHRTYPE),
    ],
    ids=lambda member: member.name,
)
def test_links_devices_and_places_elsewhere_are_not_unpacked(file, elsewhere, member):
    write_backup(file, [(member, b"")])
    with pytest.raises(CommandError, match="no file of a backup"):
        restore(elsewhere.settings(), file, trust=True)
    assert not list((elsewhere.folder / "archive").iterdir())


@ON_FILES
def test_keys_are_set_aside_and_nobody_else_may_read_them(file, installation):
    """They were overwritten, and what they had signed was lost."""
    secrets = installation.folder / "secrets"
    (secrets / "admin.key").write_text("a newer one")
    (secrets / "admin.key").chmod(0o600)
    restore(installation.settings(), file)
    (aside,) = (installation.folder / "archive").iterdir()
    assert (aside / "admin.key").read_text() == "a newer one"
    assert (aside / "signing.key").read_text() == (secrets / "signing.key").read_text()
    for path in (*secrets.glob("*.key"), aside / "admin.key", aside / "signing.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@ON_FILES
def test_predictions_that_wait_for_the_store_come_back_too(loop, installation, elsewhere, tmp_path):
    spool = installation.settings().store.spool
    spool.mkdir(parents=True, exist_ok=True)
    (spool / "1-a.rows").write_bytes(b"rows")
    backup(installation.settings(), tmp_path / "b.tar.gz")
    restore(elsewhere.settings(), tmp_path / "b.tar.gz", trust=True)
    assert (elsewhere.settings().store.spool / "1-a.rows").read_bytes() == b"rows"


@ON_FILES
def test_what_goes_from_the_spool_into_the_store_meanwhile_is_not_lost(
    loop, installation, elsewhere, tmp_path, monkeypatch
):
    """It was looked for in the records too soon, and in the spool too late."""
    spool = installation.settings().store.spool
    spool.mkdir(parents=True, exist_ok=True)
    (spool / "1-a.rows").write_bytes(b"rows")
    save = module.save_records

    def drain(*given):
        (spool / "1-a.rows").unlink()
        return save(*given)

    monkeypatch.setattr(module, "save_records", drain)
    backup(installation.settings(), tmp_path / "b.tar.gz")
    restore(elsewhere.settings(), tmp_path / "b.tar.gz", trust=True)
    assert (elsewhere.settings().store.spool / "1-a.rows").read_bytes() == b"rows"


@ON_FILES
def test_a_file_of_the_spool_that_goes_while_it_is_looked_at_ends_no_backup(
    loop, installation, tmp_path, monkeypatch
):
    gone = [("spool/1-a.rows", tmp_path / "1-a.rows")]
    monkeypatch.setattr(module, "files_in", lambda folder, name: gone if name == "spool" else [])
    assert not list(module.copy_spool(tmp_path, tmp_path / "spool").iterdir())
