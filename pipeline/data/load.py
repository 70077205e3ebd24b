"""The labelled observations behind a [dataset] table. Used by prepare, train and simulate."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.column_types import encode_rows, infer_feature
from pipeline.data.csv_table import COMMA, InvalidDataset, Table, read_csv_table
from pipeline.data.image_folder import read_image_folder
from pipeline.data.schema import Feature, ImageShape, Schema, pixel_features
from pipeline.data.text_encoding import UTF8, WINDOWS
from pipeline.progress import Progress, no_progress
from pipeline.setting_tables import DatasetSettings
from pipeline.settings import Settings

CHURN_FOLDER, CHURN_TARGET = "churn", "churn_label"
DELIMITER_NAMES = {";": "A semicolon", "\t": "A tab", "|": "A vertical bar"}
MANY_ROWS = 20  # of which most have a label of their own: those are no classes


@dataclass(frozen=True)
class Dataset:
    """Rows of numbers as `pipeline/data/observation.py` decodes them, and the label of each."""

    schema: Schema
    rows: Numbers
    targets: Labels
    notes: tuple[str, ...] = ()  # what was decided in reading, and a person should know


def load_dataset(settings: Settings, progress: Progress = no_progress) -> Dataset:
    """Read the dataset that the settings name; InvalidDataset has file, place and reason."""
    wanted = settings.dataset
    if wanted.source in BUILT_IN:
        dataset = BUILT_IN[wanted.source]()
    elif wanted.source == CHURN_FOLDER:
        dataset = load_csv(first_snapshot(settings), replace_target(wanted, CHURN_TARGET))
    elif _is_image(wanted):
        dataset = load_folder(wanted, progress)
    else:
        dataset = load_csv(Path(wanted.source), wanted)
    _check_classes(wanted.source, dataset.targets)
    return dataset


def _is_image(wanted: DatasetSettings) -> bool:
    source = Path(wanted.source)
    if not source.exists():
        known = ", ".join((*BUILT_IN, CHURN_FOLDER))
        raise InvalidDataset(
            f"dataset.source is '{wanted.source}': no such file or folder, and not one of {known}."
        )
    kind = "image" if source.is_dir() else "tabular"
    if wanted.kind not in ("auto", kind):
        what = "a folder" if kind == "image" else "a file"
        raise InvalidDataset(f"dataset.kind is '{wanted.kind}', but {source} is {what}.")
    return kind == "image"


def replace_target(wanted: DatasetSettings, target: str) -> DatasetSettings:
    return wanted.model_copy(update={"target": target})


def first_snapshot(settings: Settings) -> Path:
    """The month that the churn model learns from; the later ones are for the simulator."""
    snapshots = sorted((settings.paths.data / CHURN_FOLDER).glob("*.csv"))
    if not snapshots:
        raise InvalidDataset(
            f"{settings.paths.data / CHURN_FOLDER}: no snapshots; run scripts/churn.py."
        )
    return snapshots[0]


def load_csv(path: Path, wanted: DatasetSettings) -> Dataset:
    """A CSV file with a target column; every other column that is not ignored is a feature."""
    table = read_csv_table(path)
    for setting in ("ignore", "categorical"):
        for name in getattr(wanted, setting):
            if name not in table.header:
                raise InvalidDataset(
                    f"{path}: dataset.{setting} names '{name}', which is no column."
                )
    targets = _read_targets(table, wanted.target)
    names = [name for name in table.header if name not in (wanted.target, *wanted.ignore)]
    if not names:
        raise InvalidDataset(f"{path}: has no column besides the target '{wanted.target}'.")
    features = tuple(infer_feature(table, name, name in wanted.categorical) for name in names)
    schema = Schema("tabular", wanted.target, sorted_labels(targets), features)
    return Dataset(schema, encode_rows(table, features), np.array(targets), _notes(table))


def _notes(table: Table) -> tuple[str, ...]:
    notes = []
    if table.encoding != UTF8:
        name = {WINDOWS: "Windows-1252"}.get(table.encoding, table.encoding.upper())
        notes.append(f"It is text in {name}, not in UTF-8, and was read so.")
    if table.delimiter != COMMA:
        notes.append(f"{DELIMITER_NAMES[table.delimiter]} stands between its columns.")
    return tuple(notes)


def _read_targets(table: Table, target: str) -> list[str]:
    if target not in table.header:
        raise InvalidDataset(
            f"{table.path}: has no target column '{target}'. Its columns are "
            f"{', '.join(table.header[:20])}. Set dataset.target."
        )
    targets = table.column(target)
    for line, label in zip(table.lines.tolist(), targets, strict=True):
        if not label.strip() or "\0" in label:
            what = "holds a NUL" if "\0" in label else "is empty"
            raise InvalidDataset(f"{table.path}, line {line}, column '{target}': the label {what}.")
    return targets


def load_folder(wanted: DatasetSettings, progress: Progress) -> Dataset:
    """A folder of images, one folder inside it for each label."""
    shape = ImageShape(wanted.image_size, wanted.image_size, wanted.colour)
    rows, targets = read_image_folder(Path(wanted.source), shape, progress)
    schema = Schema("image", "label", sorted_labels(targets), pixel_features(shape, rows[0]), shape)
    return Dataset(schema, rows, np.array(targets))


def sorted_labels(targets: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(targets)))


def _check_classes(source: str, targets: Labels) -> None:
    counts = Counter(targets.tolist())
    if len(counts) == 1:
        raise InvalidDataset(f"{source}: every row has the label '{targets[0]}'; two are needed.")
    if len(targets) >= MANY_ROWS and 2 * len(counts) > len(targets):
        raise InvalidDataset(
            f"{source}: {len(counts)} labels in {len(targets)} rows. A label is the name of a "
            f"class; amounts are not predicted. Set dataset.target to another column."
        )
    label, rows = min(counts.items(), key=lambda item: item[1])
    if rows == 1:
        raise InvalidDataset(
            f"{source}: the label '{label}' has a single row; give it two or leave it out."
        )


def _load_digits() -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    shape = ImageShape(8, 8, maximum=16.0)
    targets = [str(target) for target in bunch.target]
    features = pixel_features(shape, bunch.data[0])
    schema = Schema("image", "digit", sorted_labels(targets), features, shape)
    return Dataset(schema, bunch.data.astype(np.float64), np.array(targets))


def _load_breast_cancer() -> Dataset:
    from sklearn.datasets import load_breast_cancer

    return _from_bunch(load_breast_cancer(), "diagnosis")


def _load_iris() -> Dataset:
    from sklearn.datasets import load_iris

    return _from_bunch(load_iris(), "species")


def _from_bunch(bunch: Any, target: str) -> Dataset:
    targets = [str(bunch.target_names[code]) for code in bunch.target]
    columns = zip(bunch.feature_names, bunch.data.T, strict=True)
    features = tuple(
        Feature(
            str(name).replace(" (cm)", "_cm").replace(" ", "_"),
            "number",
            float(column.min()),
            float(column.max()),
            example=float(np.sort(column)[len(column) // 2]),
        )
        for name, column in columns
    )
    schema = Schema("tabular", target, sorted_labels(targets), features)
    return Dataset(schema, bunch.data.astype(np.float64), np.array(targets))


BUILT_IN: dict[str, Callable[[], Dataset]] = {
    "digits": _load_digits,
    "breast_cancer": _load_breast_cancer,
    "iris": _load_iris,
}
