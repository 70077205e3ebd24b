"""Saves all that cannot be made again in one file, while the services run. Used by backup.

What waits for the store first, then the records: a row that comes in meanwhile is in both, and
taken once. Records before artifacts: what went live meanwhile is then more than they know of,
never less. Moved rows are in it where they lie in a folder, and rest meanwhile; a bucket stays
where it is. What the file holds is signed, last of all, so that `make restore` knows its own.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pipeline.production.csv_mirror import FILE
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import sign
from pipeline.registry.signing import Key
from pipeline.settings import Settings
from pipeline.store.database import SCHEMA_VERSION
from scripts.maintenance.artifacts_backup import saved_artifacts
from scripts.maintenance.history_folder import history_folder, resting_history
from scripts.maintenance.records_backup import save_records

FACTS = "backup.json"


def backup(settings: Settings, file: Path) -> None:
    """Write aside, then rename: a backup that was cut short is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.part")
    artifacts, digests = open_registry(settings.artifacts), dict[str, str]()
    with (
        tempfile.TemporaryDirectory(dir=file.parent) as folder,
        resting_history(settings),
        private(aside) as packed,
    ):
        waiting = copy_spool(settings.store.spool, Path(folder) / "spool")
        records = save_records(settings.store, Path(folder))
        digests |= dict(pack(packed, [(records.name, records)]))
        with saved_artifacts(artifacts.place, Path(folder) / "artifacts") as saved:
            digests |= dict(pack(packed, files_in(saved, "artifacts")))
        if (moved := history_folder(settings)) is not None:
            digests |= dict(pack(packed, files_in(moved, "history")))
        digests |= dict(pack(packed, files_in(settings.paths.data, "data")))
        digests |= dict(pack(packed, files_in(waiting, "spool")))
        keys = [(f"keys/{key.name}", key) for key in keys_of(settings)]
        digests |= dict(pack(packed, [("signing.key", settings.artifacts.signing_key), *keys]))
        write_facts(packed, digests, artifacts.key)
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


class Digested:
    """A file that is digested while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.sha256.update(content)
        return content


def pack(packed: tarfile.TarFile, named: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, str]]:
    """Add each file, and give its name and digest."""
    for name, path in named:
        with path.open("rb") as file:
            digested = Digested(file)
            packed.addfile(packed.gettarinfo(path, name), digested)
        yield name, digested.sha256.hexdigest()


def files_in(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """No locks, no half versions, and no mirror: serving makes it from the records."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inner.parts)
        if path.is_file() and not path.is_symlink() and not hidden and path.name != FILE:
            yield f"{name}/{inner.as_posix()}", path


def copy_spool(spool: Path, target: Path) -> Path:
    """Serving empties these files and takes them away at any time."""
    target.mkdir()
    for _, path in files_in(spool, "spool"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(path, target / path.name)
    return target


def write_facts(packed: tarfile.TarFile, digests: dict[str, str], key: Key) -> None:
    now = datetime.now(UTC).isoformat()
    facts = {"schema_version": SCHEMA_VERSION, "at": now, "files": digests}
    content = json.dumps({**facts, "signature": sign(facts, key)}).encode()
    member = tarfile.TarInfo(FACTS)
    member.size = len(content)
    packed.addfile(member, io.BytesIO(content))


def keys_of(settings: Settings) -> list[Path]:
    """Those of the API: their hashes, and each in a file."""
    keys = settings.serving.keys
    signing = settings.artifacts.signing_key.resolve()
    found = (keys, *keys.parent.glob("*.key"))
    return [path for path in found if path.exists() and path.resolve() != signing]
