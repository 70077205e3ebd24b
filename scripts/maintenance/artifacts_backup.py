"""The versions as files of a folder, and back; and set aside. Where they lie in a bucket, too.

`python -m scripts.maintenance.artifacts_backup save|bring-back FOLDER` is for the chart's backups.
"""

import argparse
import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.objects.object_store import NAME, ObjectStore
from pipeline.registry.bucket_place import BucketPlace
from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.place import CURRENT, EMBEDDING, Place
from pipeline.registry.registry import open_place
from pipeline.registry.signed_folder import MANIFEST
from pipeline.registry.signing import Key
from pipeline.settings import load_settings
from scripts.cli.command import run

POINTERS = (CURRENT, EMBEDDING)
STAMP = "%Y-%m-%dT%H-%M-%S-%f"
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
    folder.mkdir(parents=True)
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
    """Names that are ours: others have no business here, and stay."""
    ours = [name for name in objects.names() if NAME.fullmatch(name)]
    return [name for name in ours if not name.startswith(f"{ASIDE}/")]


def bring_back_artifacts(place: Place, source: Path, key: Key | None = None) -> None:
    """Manifests after all other files, pointers last of all.

    With a key, what an earlier Boucle signed is signed anew on its way into a bucket.
    """
    if isinstance(place, BucketPlace):
        if key is not None:
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


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.maintenance.artifacts_backup", description=__doc__
    )
    parser.add_argument("what", choices=["save", "bring-back"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    place = open_place(load_settings().artifacts)
    if options.what == "save":
        with saved_artifacts(place, options.folder) as saved:
            print(f"{place.url} is saved in {saved}.")
    else:
        set_aside(place, datetime.now(UTC).strftime(STAMP))
        bring_back_artifacts(place, options.folder)
        print(f"{options.folder} is brought back into {place.url}.")


if __name__ == "__main__":
    run(main)
