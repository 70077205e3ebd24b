"""Writes a few observations of the holdout as files that a person can upload. Used by prepare."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.data.revealing import reveal, write_cell
from pipeline.data.schema import ImageShape, columns_of
from pipeline.datasets.dataset import Dataset
from pipeline.extractors.pictures import encode_png

FILES_A_LABEL, TABLE_ROWS = 2, 20
MOST_BYTES = 2_000_000  # of a sample


def write_samples(folder: Path, dataset: Dataset, holdout: np.ndarray) -> None:
    """Files named after their label; or a CSV file and one observation as JSON."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if dataset.schema.extraction is not None and dataset.files:
        _copy_files(folder, dataset, holdout)
    elif dataset.schema.image is not None:
        _write_pictures(folder, dataset, dataset.schema.image, holdout)
    elif not any(feature.network for feature in dataset.schema.features):  # texts are not kept
        _write_table(folder, dataset, holdout[:TABLE_ROWS])


def _write_pictures(folder: Path, dataset: Dataset, shape: ImageShape, holdout: np.ndarray) -> None:
    for place, name in _name_samples(dataset, holdout):
        (folder / f"{name}.png").write_bytes(encode_png(shape, dataset.rows[place]))


def _copy_files(folder: Path, dataset: Dataset, holdout: np.ndarray) -> None:
    for place, name in _name_samples(dataset, holdout):
        source = dataset.files[place]
        if source.stat().st_size <= MOST_BYTES:
            shutil.copyfile(source, folder / f"{name}{source.suffix.lower()}")


def _name_samples(dataset: Dataset, holdout: np.ndarray) -> Iterator[tuple[int, str]]:
    """A few places of each label, and what their files are called."""
    taken = set()
    for label in dataset.schema.labels:
        places = [place for place in holdout if dataset.targets[place] == label]
        for number, place in enumerate(places[:FILES_A_LABEL], start=1):
            plain = re.sub(r"[^\w-]+", "_", label)[:40]
            name = f"{dataset.schema.target}_{plain}_{number}"
            if name in taken:  # another label that is written alike
                name = f"{name}_{place}"
            taken.add(name)
            yield place, name


def _write_table(folder: Path, dataset: Dataset, places: np.ndarray) -> None:
    observations = [reveal(dataset.schema, dataset.rows[place]) for place in places]
    with (folder / "observations.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        features = columns_of(dataset.schema)
        writer.writerow([feature.name for feature in features])
        for observed in observations:
            writer.writerow([write_cell(feature, observed[feature.name]) for feature in features])
    body = {"features": observations[0]}
    (folder / "observation.json").write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([dataset.schema.target])
        writer.writerows([str(dataset.targets[place])] for place in places)
