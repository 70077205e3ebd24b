"""Files that are either whole or not there: written aside, synced, renamed."""

import contextlib
import os
import secrets
from pathlib import Path


def write_atomic(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file so that a crash leaves the old or the new content, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_synced(aside, content, mode)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_if_absent(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Make a file that nobody has made yet; of several writers the first wins, and is told so."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    won = False
    try:
        write_synced(aside, content, mode)
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
            won = True
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)
    return won


def write_synced(path: Path, content: bytes, mode: int = 0o644) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
