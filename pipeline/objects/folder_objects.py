"""Objects as the files of a folder."""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.durable_files import sync_folder, write_atomic, write_if_absent
from pipeline.objects.object_store import ObjectsUnavailable, StoredObject, check_name


class FolderObjects:
    """What begins with a dot is not listed: locks, and files that are being written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def url(self) -> str:
        return str(self._folder)

    def read(self, name: str, known: StoredObject | None = None) -> StoredObject | None:
        try:
            content = self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ObjectsUnavailable(f"{self._path(name)}: {error.strerror}.") from None
        return known if known is not None and known.content == content else _stored(content)

    def create(self, name: str, content: bytes) -> StoredObject | None:
        path = self._path(name)
        with self._writing(path):
            return _stored(content) if write_if_absent(path, content, 0o644) else None

    def replace(self, name: str, content: bytes, known: StoredObject) -> StoredObject | None:
        path = self._path(name)
        with self._writing(path), self._locked():
            found = self.read(name)
            if found is None or found.tag != known.tag:
                return None
            write_atomic(path, content)
        return _stored(content)

    def write(self, name: str, content: bytes) -> StoredObject:
        path = self._path(name)
        with self._writing(path), self._locked():
            write_atomic(path, content)
        return _stored(content)

    def names(self, below: str = "") -> Iterator[str]:
        start = self._path(below) if below else self._folder
        found = []
        for folder, folders, files in os.walk(start):
            folders[:] = [name for name in folders if not name.startswith(".")]
            place = Path(folder).relative_to(self._folder)
            found += [(place / name).as_posix() for name in files if not name.startswith(".")]
        return iter(sorted(found))

    def delete(self, name: str) -> None:
        path = self._path(name)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
            sync_folder(path.parent)

    def _path(self, name: str) -> Path:
        return self._folder / check_name(name)

    @contextlib.contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise ObjectsUnavailable(f"{path} cannot be written: {error.strerror}.") from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / ".objects.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _stored(content: bytes) -> StoredObject:
    return StoredObject(content, hashlib.sha256(content).hexdigest())
