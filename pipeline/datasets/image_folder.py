"""A folder of images as a dataset: one folder inside it for each label."""

from pathlib import Path

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.images import decode_image
from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import ImageShape
from pipeline.progress import Progress
from pipeline.tables.table import InvalidDataset

ENDINGS = frozenset({".png", ".jpg", ".jpeg"})


def read_image_folder(
    folder: Path, shape: ImageShape, progress: Progress
) -> tuple[Numbers, list[str]]:
    """Decode every picture under the folder: rows of pixels and the label of each."""
    paths = _find_pictures(folder)
    rows = []
    for done, path in enumerate(paths):
        rows.append(_read_picture(path, shape))
        progress("reading images", (done + 1) / len(paths))
    return np.array(rows), [_label(path, folder) for path in paths]


def _find_pictures(folder: Path) -> list[Path]:
    visible = [path for path in sorted(folder.rglob("*")) if not _is_hidden(path, folder)]
    pictures = [path for path in visible if path.suffix.lower() in ENDINGS and path.is_file()]
    if not pictures:
        raise InvalidDataset(
            f"{folder}: holds no PNG or JPEG file; expected {folder}/<label>/*.png"
        )
    for path in pictures:
        if path.parent == folder:
            raise InvalidDataset(
                f"{path}: lies in no label's folder; expected {folder}/<label>/..."
            )
    labels = {_label(path, folder) for path in pictures}
    for path in visible:
        if path.parent == folder and path.is_dir() and path.name not in labels:
            raise InvalidDataset(f"{path}: holds no PNG or JPEG file.")
    for label in labels:
        if not label.strip() or not label.isprintable():
            raise InvalidDataset(f"{folder}: the folder {label!r} has no name to print; rename it.")
    return pictures


def _label(path: Path, folder: Path) -> str:
    return path.relative_to(folder).parts[0]


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _read_picture(path: Path, shape: ImageShape) -> Numbers:
    try:
        return decode_image(shape, path.read_bytes())
    except InvalidObservation as error:
        raise InvalidDataset(f"{path}: {error.reason}.") from None
    except OSError as error:
        raise InvalidDataset(f"{path}: cannot be read ({error.strerror}).") from None
