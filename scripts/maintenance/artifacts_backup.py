"""The versions as files of a folder, and back; and set aside. Where they lie in a bucket, too."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.objects.object_store import ObjectStore
from pipeline.registry.bucket_place import BucketPlace
from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.place import CURRENT, EMBEDDING, Place
from pipeline.registry.signed_folder import MANIFEST
from pipeline.registry.signing import Key

POINTERS = (CURRENT, EMBEDDING)
ASIDE = "archive"  # in a bucket: what make fresh has set aside, by when


@contextlib.contextmanager
def saved_artifacts(place: Place, folder: Path) -> Iterator[Path]:
    """A folder with all versions as of one moment, or a later one for those not live."""
    if isinstance(place, BucketPlace):
        yield _fetch_all(place.objects, folder)
    else:
        with place.locked():
            yield place.folder


def _fetch_all(objects: ObjectStore, folder: Path) -> Path:
    """Pointers first: what they name is never removed. What is removed meanwhile is left out."""
    gone = set()
    folder.mkdir()
    for name in (*POINTERS, *(n for n in present(objects) if n not in POINTERS)):
        found = objects.read(name)
        if found is None:
            gone.add(folder / Path(name).parent)
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(found.content)
    for cut in gone - {folder}:
        shutil.rmtree(cut, ignore_errors=True)
    return folder


def present(objects: ObjectStore) -> list[str]:
    return [name for name in objects.names() if not name.startswith(f"{ASIDE}/")]


def bring_back_artifacts(place: Place, source: Path, key: Key) -> None:
    """Manifests after all other files, pointers last of all."""
    if isinstance(place, BucketPlace):
        FolderPlace(source).renew(key)
        paths = [path for path in source.rglob("*") if path.is_file() and path.name[0] != "."]
        for path in sorted(paths, key=lambda path: _rank(path.relative_to(source).as_posix())):
            place.objects.write(path.relative_to(source).as_posix(), path.read_bytes())
    elif source.exists():
        shutil.copytree(source, place.folder, dirs_exist_ok=True)


def set_aside(place: Place, stamp: str) -> str | None:
    """Within a bucket. Returns where it is then; None where nothing was, or in a folder."""
    if not isinstance(place, BucketPlace):
        return None
    objects, aside = place.objects, f"{ASIDE}/{stamp}"
    names = sorted(present(objects), key=_rank)
    for name in names:
        found = objects.read(name)
        if found is not None:
            objects.write(f"{aside}/{name}", found.content)
    for name in reversed(names):
        objects.delete(name)
    return f"{place.url}/{aside}" if names else None


def _rank(name: str) -> tuple[int, str]:
    """The order in which what is half written is no version yet."""
    return (name in POINTERS) * 2 + name.endswith(f"/{MANIFEST}"), name
