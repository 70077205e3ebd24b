"""Saves all that cannot be made again in one file, while the services run. `make backup`.

Records first: what went live meanwhile is then more than they know of, never less.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from pipeline.artifacts import open_artifacts
from pipeline.knobs import StoreSettings
from pipeline.mirror import FILE
from pipeline.settings import Settings, load_settings
from pipeline.store import SCHEMA_VERSION, with_password
from scripts.console import Declined, run

FOLDER = Path("backups")
FACTS = "backup.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="default: a dated one in backups/")
    options = parser.parse_args()
    named = f"boucle-{datetime.now(UTC).strftime('%Y-%m-%dT%H-%M-%S')}.tar.gz"
    file = options.file or FOLDER / named
    backup(load_settings(), file)
    size = file.stat().st_size / 1e6
    print(f"{file} ({size:,.1f} MB) holds records, artifacts, data and secrets: keep it safe.")


def backup(settings: Settings, file: Path) -> None:
    """Write aside, then rename: a backup that was cut short is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.part")
    with tempfile.TemporaryDirectory(dir=file.parent) as folder, private(aside) as packed:
        for path in (save_records(settings.store, Path(folder)), write_facts(Path(folder))):
            packed.add(path, path.name)
        with open_artifacts(settings.artifacts).locked():
            packed.add(settings.artifacts.folder, "artifacts", filter=without_locks)
        packed.add(settings.paths.data, "data", filter=without_locks)
        packed.add(settings.artifacts.signing_key, "signing.key")
        for key in keys_of(settings):
            packed.add(key, f"keys/{key.name}")
    aside.rename(file)


@contextlib.contextmanager
def private(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive that nobody else can read, for there are keys in it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as packed:
            yield packed
        file.flush()
        os.fsync(file.fileno())


def write_facts(folder: Path) -> Path:
    path = folder / FACTS
    facts = {"schema_version": SCHEMA_VERSION, "at": datetime.now(UTC).isoformat()}
    path.write_text(json.dumps(facts))
    return path


def without_locks(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """No locks, no half versions, and no mirror: serving makes it from the records."""
    name = Path(member.name).name
    return None if name.startswith(".") or name == FILE else member


def keys_of(settings: Settings) -> list[Path]:
    keys = settings.serving.keys
    return [path for path in (keys, *keys.parent.glob("*.key")) if path.exists()]


def save_records(wanted: StoreSettings, folder: Path) -> Path:
    url = make_url(wanted.url)
    if url.get_backend_name() == "sqlite":
        return save_sqlite(Path(url.database or ""), folder / "records.db")
    path = folder / "records.dump"
    call_postgres(wanted, "pg_dump", "--format=custom", "--no-owner", f"--file={path}")
    return path


def save_sqlite(database: Path, path: Path) -> Path:
    """All of it as of one moment; writers go on meanwhile."""
    import pysqlite3

    if not database.exists():
        raise Declined(f"There are no records yet: {database} is missing.")
    with (
        contextlib.closing(pysqlite3.connect(str(database), timeout=30)) as source,
        contextlib.closing(pysqlite3.connect(str(path))) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file
    return path


def call_postgres(wanted: StoreSettings, program: str, *options: str) -> None:
    """Run one of PostgreSQL's own programs; the password is on no command line."""
    if shutil.which(program) is None:
        raise Declined(f"{program} is missing; on Debian: apt install postgresql-client.")
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
        raise Declined(f"{program} failed: {done.stderr.strip().splitlines()[-1]}")


if __name__ == "__main__":
    run(main)
