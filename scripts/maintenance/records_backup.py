"""The records as one file, and back: a copy of SQLite, a dump of PostgreSQL."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect, create_schema, sqlite_driver, with_password
from scripts.cli.command import CommandError


def save_records(wanted: StoreSettings, folder: Path) -> Path:
    url = make_url(wanted.url)
    if url.get_backend_name() == "sqlite":
        return save_sqlite(Path(url.database or ""), folder / "records.db")
    path = folder / "records.dump"
    call_postgres(wanted, "pg_dump", "--format=custom", "--no-owner", f"--file={path}")
    return path


def save_sqlite(database: Path, path: Path) -> Path:
    """All of it as of one moment; writers go on meanwhile."""
    driver = sqlite_driver()
    if not database.exists():
        raise CommandError(f"There are no records yet: {database} is missing.")
    with (
        contextlib.closing(driver.connect(str(database), timeout=30)) as source,
        contextlib.closing(driver.connect(str(path))) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file
    return path


def call_postgres(wanted: StoreSettings, program: str, *options: str) -> None:
    """Run one of PostgreSQL's own programs; the password is on no command line."""
    if shutil.which(program) is None:
        raise CommandError(f"{program} is missing; on Debian: apt install postgresql-client.")
    url: URL = with_password(make_url(wanted.url), wanted.password_file)
    plain = url.set(drivername="postgresql")._replace(password=None)
    done = subprocess.run(
        [program, f"--dbname={plain.render_as_string()}", *options],
        env={**os.environ, "PGPASSWORD": url.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip().splitlines()[-1]}")


def find_records(wanted: StoreSettings, folder: Path) -> Path:
    """A backup goes back into a store of the same kind."""
    sqlite = make_url(wanted.url).get_backend_name() == "sqlite"
    records = folder / ("records.db" if sqlite else "records.dump")
    if not records.exists():
        kind = "PostgreSQL" if sqlite else "SQLite"
        raise CommandError(f"The backup holds records of {kind}: let store.url name one.")
    return records


def bring_back_records(wanted: StoreSettings, records: Path) -> None:
    url = make_url(wanted.url)
    if url.get_backend_name() == "sqlite":
        put(records, Path(url.database or ""))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        call_postgres(wanted, "pg_restore", *options, str(records))
    engine = connect(wanted)
    create_schema(engine)  # refuses what is not ours
    engine.dispose()


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy2(source, target)
