"""Labelled observations as rows of numbers, with their schema."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.arrays import Labels, Numbers
from pipeline.data.schema import Schema


@dataclass(frozen=True)
class Dataset:
    """Rows of numbers as `pipeline/data/observation.py` decodes them, and the label of each."""

    schema: Schema
    rows: Numbers
    targets: Labels
    notes: tuple[str, ...] = ()  # what was decided in reading, and a person should know
    files: tuple[Path, ...] = ()  # of each row, where they stay
    network: bytes = b""  # an ONNX file that made the features, if one did


def sorted_labels(targets: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({str(target) for target in targets}))
