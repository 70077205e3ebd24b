"""Brings a backup back. `make restore FILE=backups/...`; the services must be down.

What there is now is set aside in the archive folder, nothing is deleted.
"""

import argparse
import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url

from pipeline.knobs import StoreSettings
from pipeline.settings import Settings, load_settings
from pipeline.store import SCHEMA_VERSION, create_schema, open_store
from scripts.archive import archive
from scripts.backup import FACTS, call_postgres
from scripts.console import Declined, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="what make backup wrote")
    options = parser.parse_args()
    restore(load_settings(), options.file)
    print(f"{options.file} is restored. Start the services again.")


def restore(settings: Settings, file: Path) -> None:
    """Unpack and check all of it before anything is touched."""
    settings.paths.archive.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.paths.archive) as name:
        folder = Path(name)
        unpack(file, folder)
        records = find_records(settings.store, folder)
        archive(settings)
        bring_back_records(settings.store, records)
        shutil.copytree(folder / "artifacts", settings.artifacts.folder, dirs_exist_ok=True)
        shutil.copytree(folder / "data", settings.paths.data, dirs_exist_ok=True)
        put(folder / "signing.key", settings.artifacts.signing_key)
        for key in (folder / "keys").glob("*"):
            put(key, settings.serving.keys.parent / key.name)


def unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as packed:
            packed.extractall(folder, filter="data")
        facts = json.loads((folder / FACTS).read_text())
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise Declined(f"{file} is no sound backup: {error}. Nothing was changed.") from None
    if facts["schema_version"] != SCHEMA_VERSION:
        raise Declined(
            f"{file} is of schema {facts['schema_version']}, this Boucle needs {SCHEMA_VERSION}."
        )


def find_records(wanted: StoreSettings, folder: Path) -> Path:
    """A backup goes back into a store of the same kind."""
    sqlite = make_url(wanted.url).get_backend_name() == "sqlite"
    records = folder / ("records.db" if sqlite else "records.dump")
    if not records.exists():
        kind = "PostgreSQL" if sqlite else "SQLite"
        raise Declined(f"The backup holds records of {kind}: let store.url name one.")
    return records


def bring_back_records(wanted: StoreSettings, records: Path) -> None:
    url = make_url(wanted.url)
    if url.get_backend_name() == "sqlite":
        put(records, Path(url.database or ""))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        call_postgres(wanted, "pg_restore", *options, str(records))
    engine = open_store(wanted)
    create_schema(engine)  # refuses what is not ours
    engine.dispose()


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


if __name__ == "__main__":
    run(main)
