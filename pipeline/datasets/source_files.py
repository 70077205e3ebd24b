"""The files of a folder or of a zip file, without what systems leave behind, and their kind."""

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.data.schema import Kind
from pipeline.extractors.file_types import ENDINGS
from pipeline.extractors.pictures import is_animated
from pipeline.tables.table import InvalidDataset

REMAINS = {"thumbs.db", "desktop.ini", "__macosx"}  # what systems leave behind
MOST_FILES, MOST_BYTES = 1_000_000, 20_000_000_000  # of a zip file
OFFICE = "[Content_Types].xml"


@contextmanager
def open_folder(source: Path) -> Iterator[Path]:
    """The folder itself, or what a zip file holds for as long as it is read."""
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(source) as archive:
                _check_size(source, archive)
                archive.extractall(folder)
        except (zipfile.BadZipFile, OSError, RuntimeError) as error:
            raise InvalidDataset(f"{source}: cannot be unpacked ({error}).") from None
        yield Path(folder)


def _check_size(source: Path, archive: zipfile.ZipFile) -> None:
    files = archive.infolist()
    size = sum(info.file_size for info in files)
    if len(files) > MOST_FILES or size > MOST_BYTES:
        raise InvalidDataset(
            f"{source}: holds {len(files):,} files and {size:,} bytes; at most {MOST_FILES:,} and "
            f"{MOST_BYTES:,} are unpacked."
        )


def holds_files(source: Path) -> bool:
    """Whether a zip file is one of pictures, sounds or films and not of a table."""
    if not zipfile.is_zipfile(source):
        return False
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
    if OFFICE in names:  # a workbook may hold pictures too
        return False
    endings = frozenset().union(*ENDINGS.values())
    return any(Path(name).suffix.lower() in endings for name in names)


def kind_of_source(source: Path) -> Kind:
    """What most files of a folder or of a zip file are, by their names."""
    if source.is_dir():
        return kind_of([path for path in source.rglob("*") if is_ours(path, source)])
    with zipfile.ZipFile(source) as archive:
        return kind_of([Path(name) for name in archive.namelist()])


def kind_of(files: Iterable[Path]) -> Kind:
    """What most of the files are; a GIF is a film where it moves and most others are none."""
    counts: Counter[Kind] = Counter()
    for path in files:
        ending = path.suffix.lower()
        kinds: list[Kind] = [kind for kind in ENDINGS if ending in ENDINGS[kind]]
        if kinds:
            counts["video" if len(kinds) > 1 and is_animated(path) else kinds[0]] += 1
    return counts.most_common(1)[0][0] if counts else "image"


def is_ours(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    hidden = any(part.startswith(".") or part.lower() in REMAINS for part in parts)
    return path.is_file() and not hidden


def is_remains(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower() in REMAINS
