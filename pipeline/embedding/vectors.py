"""Labelled vectors, and their CSV files: a column for each number, then `target`.

Labels are text throughout.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Numbers
from pipeline.cells.number_text import read_numbers
from pipeline.embedding.embedding import Embedding
from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.table import ROWS_A_BLOCK, Column, InvalidDataset, Table

NEEDS_QUOTES = re.compile(r'[",\r\n]')


@dataclass(frozen=True)
class LabelledVectors:
    """Vectors of one embedding, with their targets."""

    values: Numbers
    targets: NDArray[np.str_]
    embedding_id: str
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.targets)

    def where(self, kept: Any) -> "LabelledVectors":
        return LabelledVectors(
            self.values[kept], self.targets[kept], self.embedding_id, self.columns
        )

    def join(self, values: Numbers, targets: NDArray[np.str_]) -> "LabelledVectors":
        """With further vectors of the same embedding."""
        if len(targets) == 0:
            return self
        both = np.concatenate([self.values, values]), np.concatenate([self.targets, targets])
        return LabelledVectors(*both, self.embedding_id, self.columns)


class EmbeddingMismatch(Exception):
    """Vectors of one embedding were about to meet those of another."""


def embed_rows(embedding: Embedding, rows: Numbers, targets: NDArray[np.str_]) -> LabelledVectors:
    """A block at a time: on the way a row takes several times what its vector does."""
    vectors = np.empty((len(rows), embedding.width))
    for start in range(0, len(rows), ROWS_A_BLOCK):
        block = slice(start, start + ROWS_A_BLOCK)
        vectors[block] = embedding.embed(rows[block])[0]
    return LabelledVectors(vectors, targets, embedding.embedding_id, embedding.columns)


def csv_header(columns: Sequence[str], *others: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([*columns, *others])
    return buffer.getvalue().encode()


def write_vectors(vectors: LabelledVectors) -> bytes:
    """Every number in the shortest form that reads back the same."""
    content = io.BytesIO()
    content.write(csv_header(vectors.columns, "target") + b"\n")
    for start in range(0, len(vectors), ROWS_A_BLOCK):
        block = slice(start, start + ROWS_A_BLOCK)
        lines = join_cells(cells_of(vectors.values[block]), quoted(vectors.targets[block]))
        content.write(b"\n".join([*lines, b""]))
    return content.getvalue()


def cells_of(numbers: Numbers) -> list[bytes]:
    """Each row as a CSV file has it: the JSON of a list of lists, written ten times faster."""
    return msgspec.json.encode(numbers.tolist())[2:-2].split(b"],[") if len(numbers) else []


def quoted(labels: NDArray[np.str_]) -> list[bytes]:
    known = {label: _quote(label) for label in np.unique(labels).tolist()}
    return [known[label] for label in labels.tolist()]


def join_cells(*columns: list[bytes]) -> list[bytes]:
    return [b",".join(cells) for cells in zip(*columns, strict=True)]


def _quote(label: str) -> bytes:
    doubled = label.replace('"', '""')
    return (f'"{doubled}"' if NEEDS_QUOTES.search(label) else label).encode()


def read_vectors(path: Path, columns: tuple[str, ...], embedding_id: str) -> LabelledVectors:
    """Read a file that write_vectors wrote, or raise InvalidDataset with line and reason."""
    table = read_csv_table(path)
    if table.header != (*columns, "target"):
        raise InvalidDataset(f"{path}: expected the columns {columns[0]}..{columns[-1]},target.")
    values = np.empty((len(table), len(columns)))
    for place, column in enumerate(table.columns[:-1]):
        values[:, place] = _read_cells(table, column)
    return LabelledVectors(values, np.array(table.column("target")), embedding_id, columns)


def _read_cells(table: Table, column: Column) -> Numbers:
    numbers = read_numbers(column.tolist())
    if numbers is None:
        cells = zip(table.lines.tolist(), column.tolist(), strict=True)
        line = next(line for line, cell in cells if read_numbers([cell]) is None)
        raise InvalidDataset(f"{table.name}, line {line}: a cell holds no finite number.")
    return numbers
