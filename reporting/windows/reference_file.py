"""What a version carries of its reference: vectors, targets, and what it predicted out of fold."""

import csv
import io
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.holdout_sample import SCORES_FILE
from pipeline.quality.calibration import Calibration, calibrate, was_right
from pipeline.registry.signed_folder import SignedFolder


@dataclass(frozen=True)
class Reference:
    columns: tuple[str, ...]
    vectors: Numbers
    targets: Labels
    predictions: Labels
    probabilities: Numbers
    classes: tuple[str, ...]

    @property
    def error(self) -> float:
        return float((self.targets != self.predictions).mean())


def read_reference(version: SignedFolder) -> Reference:
    rows = list(csv.reader(io.StringIO(version.read("reference.csv").decode(), newline="")))
    header, cells = rows[0], rows[1:]
    width = header.index("target")
    vectors = np.array([row[:width] for row in cells], dtype=np.float64)
    targets, predictions = (np.array([row[place] for row in cells]) for place in (width, width + 1))
    probabilities = np.array([row[width + 2 :] for row in cells], dtype=np.float64)
    classes = tuple(version.manifest["classes"])
    return Reference(tuple(header[:width]), vectors, targets, predictions, probabilities, classes)


def read_calibration(version: SignedFolder, reference: Reference) -> Calibration:
    """By the reference; corrected by the holdout, which the classifier itself was asked."""
    found = calibrate(reference.probabilities, reference.classes, reference.targets)
    if SCORES_FILE not in version:
        return found
    content = io.BytesIO(version.read(SCORES_FILE))
    with np.load(content, allow_pickle=False) as scored:
        said = scored["probabilities"]
        return found.correct(was_right(said, reference.classes, scored["targets"]), said)
