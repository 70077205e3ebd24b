"""Brings a backup back. Used by restore, with the services down.

A backup holds the keys and the versions that are run: to restore one is to trust whoever made it.
One that this installation has not signed needs `--trust`. What there is now is set aside in the
archive folder, its keys too; nothing is deleted.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.registry.registry import open_place
from pipeline.registry.signed_folder import is_signed
from pipeline.registry.signing import PUBLIC, NoSigningKey, load_signing_key
from pipeline.settings import Settings
from pipeline.store.database import SCHEMA_VERSION
from scripts.cli.command import CommandError
from scripts.maintenance.archive import archive
from scripts.maintenance.artifacts_backup import bring_back_artifacts
from scripts.maintenance.backup_bundle import FACTS, keys_of
from scripts.maintenance.history_folder import history_folder
from scripts.maintenance.records_backup import bring_back_records, find_records, put

SECRET, OPEN = 0o600, 0o644
PIECE = 1 << 20


def restore(settings: Settings, file: Path, trust: bool = False) -> None:
    """Unpack and check all of it before anything is touched."""
    settings.paths.archive.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.paths.archive) as name:
        folder = Path(name)
        check(file, unpack(file, folder), folder)
        if not trust:
            refuse_foreign(file, folder, settings.artifacts.signing_key)
        records = find_records(settings.store, folder)
        archive(settings, settings.artifacts.signing_key, *keys_of(settings))
        bring_back_records(settings.store, records)
        key = load_signing_key(folder / "signing.key")
        bring_back_artifacts(open_place(settings.artifacts), folder / "artifacts", key)
        if (moved := history_folder(settings)) is not None:
            bring_back(folder / "history", moved)
        bring_back(folder / "data", settings.paths.data)
        bring_back(folder / "spool", settings.store.spool)
        put(folder / "signing.key", settings.artifacts.signing_key)
        settings.artifacts.signing_key.with_suffix(PUBLIC).unlink(missing_ok=True)
        load_signing_key(settings.artifacts.signing_key)  # writes the public half anew
        bring_back(folder / "keys", settings.serving.keys.parent)


def unpack(file: Path, folder: Path) -> dict[str, str]:
    """The digests of what it held: files in folders, and nothing else.

    tarfile's own ways have followed links out of the folder in more than one Python.
    """
    digests = {}
    try:
        with tarfile.open(file) as packed:
            for member in packed:
                if not member.isdir():
                    digests[member.name] = _unpack_file(packed, member, folder)
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise CommandError(f"{file} is no sound backup: {error}. Nothing was changed.") from None
    return digests


def _unpack_file(packed: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    name = PurePosixPath(member.name)
    content = packed.extractfile(member) if member.isreg() else None
    if content is None or name.is_absolute() or ".." in name.parts or not name.parts:
        raise ValueError(f"{member.name!r} is no file of a backup")
    target, sha256 = folder / name, hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = OPEN if name.parts[0] in ("artifacts", "data", "history") else SECRET
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        while piece := content.read(PIECE):
            sha256.update(piece)
            file.write(piece)
    os.utime(target, (member.mtime, member.mtime))
    return sha256.hexdigest()


def check(file: Path, digests: dict[str, str], folder: Path) -> None:
    """That it is whole, and of this schema."""
    facts = read_facts(file, folder)
    digests.pop(FACTS)
    if facts.get("files", digests) != digests:  # one of before they were signed names none
        raise CommandError(f"{file} is no sound backup: it was changed. Nothing was changed here.")
    if facts.get("schema_version") != SCHEMA_VERSION:
        raise CommandError(
            f"{file} is of schema {facts.get('schema_version')}, this Boucle needs "
            f"{SCHEMA_VERSION}."
        )


def read_facts(file: Path, folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / FACTS).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise CommandError(f"{file} is no sound backup: {error}. Nothing was changed.") from None


def refuse_foreign(file: Path, folder: Path, key: Path) -> None:
    """Only what is signed with the key that lies here already may be run unasked."""
    facts = read_facts(file, folder)
    try:
        own = "files" in facts and key.exists() and is_signed(facts, load_signing_key(key))
    except NoSigningKey:
        own = False
    if not own:
        raise CommandError(
            f"{file} was not made by this installation. It holds keys, and versions that are run: "
            f"to restore it is to run whatever its maker put there. If that was you: make restore "
            f"FILE={file} TRUST=--trust. Nothing was changed."
        )


def bring_back(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copytree(source, target, dirs_exist_ok=True)
