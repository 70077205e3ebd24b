"""Decodes the pictures of a dataset: rows of pixels, and the label of each."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.images import decode_image
from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import ImageShape
from pipeline.datasets.image_files import find_pictures, open_pictures
from pipeline.progress import Progress
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.table import InvalidDataset


@dataclass(frozen=True)
class Pictures:
    rows: Numbers
    labels: list[str]
    notes: tuple[str, ...]


def read_pictures(wanted: DatasetSettings, shape: ImageShape, progress: Progress) -> Pictures:
    """Decode every picture; those that cannot be read are listed, if they are few."""
    with open_pictures(Path(wanted.source)) as folder:
        found = find_pictures(folder, wanted)
        rows, labels, unreadable = [], [], list[str]()
        for done, (path, label) in enumerate(zip(found.paths, found.labels, strict=True), start=1):
            try:
                rows.append(_decode(shape, path))
                labels.append(label)
            except InvalidObservation as error:
                name = path.relative_to(found.folder).as_posix()
                unreadable.append(f"{name} {error.reason}")
            progress("reading images", done / len(found.paths))
    said = "; ".join(unreadable[:5])
    if len(unreadable) > wanted.unreadable or not rows:
        raise InvalidDataset(
            f"{wanted.source}: {len(unreadable)} pictures cannot be read, dataset.unreadable "
            f"allows {wanted.unreadable}: {said}."
        )
    notes = list(found.notes)
    if unreadable:
        notes.append(f"{len(unreadable)} pictures cannot be read and are left out: {said}.")
    return Pictures(np.array(rows), labels, tuple(notes))


def _decode(shape: ImageShape, path: Path) -> Numbers:
    try:
        return decode_image(shape, path.read_bytes())
    except OSError as error:
        raise InvalidObservation("image", f"cannot be read ({error.strerror})") from None
