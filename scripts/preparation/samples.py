"""Writes a few observations of the holdout as files that a person can upload. Used by prepare."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np

from pipeline.data.images import encode_png
from pipeline.data.revealing import reveal, write_cell
from pipeline.data.schema import ImageShape, columns_of
from pipeline.datasets.dataset import Dataset

PICTURES_A_LABEL, TABLE_ROWS = 2, 20


def write_samples(folder: Path, dataset: Dataset, holdout: np.ndarray) -> None:
    """Pictures named after their label; or a CSV file and one observation as JSON."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if dataset.schema.image is not None:
        _write_pictures(folder, dataset, dataset.schema.image, holdout)
    else:
        _write_table(folder, dataset, holdout[:TABLE_ROWS])


def _write_pictures(folder: Path, dataset: Dataset, shape: ImageShape, holdout: np.ndarray) -> None:
    for label in dataset.schema.labels:
        places = [place for place in holdout if dataset.targets[place] == label]
        for number, place in enumerate(places[:PICTURES_A_LABEL], start=1):
            name = re.sub(r"[^\w-]+", "_", label)[:40]
            path = folder / f"{dataset.schema.target}_{name}_{number}.png"
            if path.exists():  # another label that is written alike
                path = path.with_stem(f"{path.stem}_{place}")
            path.write_bytes(encode_png(shape, dataset.rows[place]))


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
