"""Reads the files of a dataset: rows of pixels, or of the features of sounds and films."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import MOST_PIXELS, InvalidObservation
from pipeline.data.schema import (
    Extraction,
    Extractor,
    Feature,
    ImageShape,
    Kind,
    Schema,
    pixel_features,
)
from pipeline.datasets.dataset import Dataset, sorted_labels
from pipeline.datasets.labelled_files import LabelledFiles, find_files
from pipeline.datasets.source_files import open_folder
from pipeline.extractors.extractor import open_file
from pipeline.extractors.file_types import ONE
from pipeline.extractors.film_features import FILM_FEATURES
from pipeline.extractors.network import Network, network_features, open_network
from pipeline.extractors.opened_file import Limits
from pipeline.extractors.sound_features import SOUND_FEATURES
from pipeline.progress import Progress
from pipeline.setting_tables import DatasetSettings, MediaSettings
from pipeline.tables.table import InvalidDataset

LABEL = "label"
NAMES: Mapping[Extractor, tuple[str, ...]] = {"sound 1": SOUND_FEATURES, "film 1": FILM_FEATURES}
NO_PYAV = (
    "needs PyAV to read sounds and films. make media installs it, with compose "
    "EXTRA_PACKAGES=av builds it in."
)


@dataclass(frozen=True)
class FileRows:
    """Of each file that could be read what was made of it, and its label."""

    rows: Numbers
    labels: list[str]
    paths: tuple[Path, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FileReader:
    """How the files of a dataset become rows."""

    kind: Kind
    how: Extraction
    network: Network | None
    media: MediaSettings

    def read(self, path: Path) -> Numbers:
        """InvalidObservation says what is wrong with the file."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InvalidObservation(self.kind, f"cannot be read ({error.strerror})") from None
        pixels = MOST_PIXELS if self.kind == "image" else self.media.pixels
        limits = Limits(pixels, self.media.seconds)
        values = open_file(self.how, self.kind, content, limits, drawn=False).values
        return self.network.describe(self.how, values) if self.network else values


def load_folder(wanted: DatasetSettings, media: MediaSettings, progress: Progress) -> Dataset:
    """A folder of pictures, of sounds or of films, or a zip file of one."""
    network = open_network(Path(wanted.extractor)) if wanted.extractor else None
    with open_folder(Path(wanted.source)) as folder:
        found = find_files(folder, wanted)
        if found.kind != "image" and importlib.util.find_spec("av") is None:
            raise InvalidDataset(f"{wanted.source}: {NO_PYAV}")
        how = choose_extraction(found.kind, wanted, network)
        reader = FileReader(found.kind, how, network, media)
        read = read_files(found, reader, wanted, progress)
    image = how.picture if how.extractor == "pixels" else None
    features = pixel_features(image, read.rows[0]) if image else named_features(how, read.rows)
    extraction = None if image else how
    labels = sorted_labels(read.labels)
    schema = Schema(found.kind, LABEL, labels, features, image, extraction=extraction)
    content = network.content if network else b""
    stay = read.paths if Path(wanted.source).is_dir() else ()
    return Dataset(schema, read.rows, np.array(read.labels), read.notes, stay, content)


def choose_extraction(kind: Kind, wanted: DatasetSettings, network: Network | None) -> Extraction:
    if network is not None:
        return network.extraction(kind, wanted.extractor_mean, wanted.extractor_std)
    if kind == "image":
        shape = ImageShape(wanted.image_size, wanted.image_size, wanted.colour)
        return Extraction("pixels", shape)
    return Extraction("sound 1" if kind == "audio" else "film 1")


def named_features(how: Extraction, rows: Numbers) -> tuple[Feature, ...]:
    """With the range of each, and as an example the row in the middle."""
    names = NAMES.get(how.extractor) or network_features(rows.shape[1])
    example = rows[len(rows) // 2]
    columns = zip(names, rows.T, example, strict=True)
    return tuple(
        Feature(name, "number", float(column.min()), float(column.max()), example=float(value))
        for name, column, value in columns
    )


def read_files(
    found: LabelledFiles, reader: FileReader, wanted: DatasetSettings, progress: Progress
) -> FileRows:
    """Read every file; those that cannot be read are listed, if they are few."""
    one = ONE[found.kind]
    rows, labels, paths, unreadable = [], [], list[Path](), list[str]()
    for done, (path, label) in enumerate(zip(found.paths, found.labels, strict=True), start=1):
        try:
            rows.append(reader.read(path))
            labels.append(label)
            paths.append(path)
        except InvalidObservation as error:
            name = path.relative_to(found.folder).as_posix()
            unreadable.append(f"{name} {error.reason}")
        progress(f"reading {one}s", done / len(found.paths))
    said = "; ".join(unreadable[:5])
    if len(unreadable) > wanted.unreadable or not rows:
        raise InvalidDataset(
            f"{wanted.source}: {len(unreadable)} {one}s cannot be read, "
            f"dataset.unreadable allows {wanted.unreadable}: {said}."
        )
    notes = list(found.notes)
    if unreadable:
        what = f"A {one}" if len(unreadable) == 1 else f"{len(unreadable)} {one}s"
        left = "is left out" if len(unreadable) == 1 else "are left out"
        notes.append(f"{what} cannot be read and {left}: {said}.")
    return FileRows(np.array(rows), labels, tuple(paths), tuple(notes))
