"""Labelled vectors, and their CSV files: `PCA_1..PCA_n,target`. Labels are text throughout."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.columns import read_numbers
from pipeline.embedding import Numbers
from pipeline.tables import ROWS_A_BLOCK, BadDataset, Column, Table, read_table

NEEDS_QUOTES = re.compile(r'[",\r\n]')


@dataclass(frozen=True)
class Vectors:
    """Vectors of one embedding, with their targets."""

    values: Numbers
    targets: NDArray[np.str_]
    embedding_id: str

    def __len__(self) -> int:
        return len(self.targets)

    def where(self, kept: Any) -> "Vectors":
        return Vectors(self.values[kept], self.targets[kept], self.embedding_id)


class ForeignVectors(Exception):
    """Vectors of one embedding were about to meet those of another."""


def join(first: Vectors, second: Vectors) -> Vectors:
    """One set of vectors from two; they must come from the same embedding."""
    if first.embedding_id != second.embedding_id:
        raise ForeignVectors(
            f"vectors of embedding {second.embedding_id} cannot be mixed with those of "
            f"{first.embedding_id}: their columns mean different things."
        )
    values = np.concatenate([first.values, second.values])
    return Vectors(values, np.concatenate([first.targets, second.targets]), first.embedding_id)


def column_names(width: int) -> list[str]:
    return [f"PCA_{place}" for place in range(1, width + 1)]


def vectors_to_csv(vectors: Vectors) -> bytes:
    """Every number in the shortest form that reads back the same."""
    quoted = {label: _quote(label) for label in np.unique(vectors.targets).tolist()}
    parts = [",".join([*column_names(vectors.values.shape[1]), "target"]).encode()]
    for start in range(0, len(vectors), ROWS_A_BLOCK):
        block = slice(start, start + ROWS_A_BLOCK)
        # The JSON of a list of lists holds the lines of the CSV, written ten times faster.
        rows = msgspec.json.encode(vectors.values[block].tolist())[2:-2].split(b"],[")
        targets = vectors.targets[block].tolist()
        parts += [row + b"," + quoted[t] for row, t in zip(rows, targets, strict=True)]
    return b"\n".join([*parts, b""])


def _quote(label: str) -> bytes:
    doubled = label.replace('"', '""')
    return (f'"{doubled}"' if NEEDS_QUOTES.search(label) else label).encode()


def read_vectors(path: Path, width: int, embedding_id: str) -> Vectors:
    """Read a file that vectors_to_csv wrote, or raise BadDataset with line and reason."""
    table = read_table(path)
    expected = [*column_names(width), "target"]
    if list(table.header) != expected:
        raise BadDataset(f"{path}: expected the columns {expected[0]}..{expected[-2]},target.")
    values = np.empty((len(table), width))
    for place, column in enumerate(table.columns[:-1]):
        values[:, place] = _read_cells(table, column)
    return Vectors(values, np.array(table.column("target")), embedding_id)


def _read_cells(table: Table, column: Column) -> Numbers:
    numbers = read_numbers(column.tolist())
    if numbers is None:
        cells = zip(table.lines.tolist(), column.tolist(), strict=True)
        line = next(line for line, cell in cells if read_numbers([cell]) is None)
        raise BadDataset(f"{table.path}, line {line}: a PCA column holds no finite number.")
    return numbers
