"""A CSV file as a table of text, and its mistakes named by line."""

import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.arrays import Indices
from pipeline.data.text_encoding import UTF8, UnknownEncoding, find_encoding

if TYPE_CHECKING:
    from _csv import Reader

ROWS_A_BLOCK = 10_000
BYTES_A_PART = 1 << 20
COMMA, DELIMITERS = ",", ",;\t|"
Column = np.ndarray[Any, np.dtype[Any]]  # of numpy.dtypes.StringDType


class InvalidDataset(Exception):
    """A dataset that cannot be used: which file, which line or column, and why."""


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file as text, column by column, and the line on which each row began.

    A million rows of twenty cells take 0.5 GB in this form, and 2 GB as lists of Python's text.
    """

    path: Path
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: Indices
    encoding: str = UTF8
    delimiter: str = COMMA

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> list[str]:
        cells: list[str] = self.columns[self.header.index(name)].tolist()
        return cells


def read_csv_table(path: Path) -> Table:
    """Read a CSV file with a header; every row must be as long as the header."""
    try:
        with path.open("rb") as binary:
            encoding = find_encoding(iter(lambda: binary.read(BYTES_A_PART), b""))
        delimiter = _find_delimiter(path, encoding)
        with path.open(newline="", encoding=encoding) as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            header = tuple(next(reader, ()))
            _check_header(path, header)
            table = _read_rows(path, reader, header)
    except FileNotFoundError:
        raise InvalidDataset(f"{path}: there is no such file.") from None
    except (UnknownEncoding, UnicodeDecodeError):
        raise InvalidDataset(
            f"{path}, line {_undecodable_line(path)}: is no text in UTF-8, UTF-16 or Windows-1252."
        ) from None
    except OSError as error:
        raise InvalidDataset(f"{path}: cannot be read ({error.strerror}).") from None
    except csv.Error as error:
        raise InvalidDataset(f"{path}, line {reader.line_num}: {error}.") from None
    if not len(table):
        raise InvalidDataset(f"{path}: holds a header and no rows.")
    return replace(table, encoding=encoding, delimiter=delimiter)


def _find_delimiter(path: Path, encoding: str) -> str:
    """What stands in the header; of several, what cuts all rows alike and into the most cells."""
    with path.open(newline="", encoding=encoding) as file:
        line = file.readline()
    present = [mark for mark in DELIMITERS if mark in line]
    if len(present) < 2:
        return present[0] if present else COMMA
    return max(present, key=lambda mark: (_count_columns(path, encoding, mark), line.count(mark)))


def _count_columns(path: Path, encoding: str, delimiter: str) -> int:
    """0 unless all rows have as many."""
    with path.open(newline="", encoding=encoding) as file:
        try:
            widths = {len(row) for row in csv.reader(file, delimiter=delimiter, strict=True) if row}
        except csv.Error:
            return 0
    return widths.pop() if len(widths) == 1 else 0


def _undecodable_line(path: Path) -> int:
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    if not header:
        raise InvalidDataset(f"{path}: is empty; a header line and rows are expected.")
    for name, times in Counter(header).items():
        if times > 1:
            raise InvalidDataset(
                f"{path}, line 1: the column '{name}' stands there {times} times. Line 1 is the "
                f"header."
            )
        if not name.strip():
            raise InvalidDataset(f"{path}, line 1: a column has no name.")


def _read_rows(path: Path, reader: "Reader", header: tuple[str, ...]) -> Table:
    blocks: list[list[Column]] = [[_as_column(())] for _ in header]
    lines: list[int] = []
    while rows := list(
        itertools.islice(_checked_rows(path, reader, len(header), lines), ROWS_A_BLOCK)
    ):
        for parts, cells in zip(blocks, zip(*rows, strict=True), strict=True):
            parts.append(_as_column(cells))
    return Table(path, header, tuple(np.concatenate(parts) for parts in blocks), np.array(lines))


def _as_column(cells: Sequence[str]) -> Column:
    return np.array(cells, dtype=np.dtypes.StringDType())


def _checked_rows(
    path: Path, reader: "Reader", width: int, lines: list[int]
) -> Iterator[list[str]]:
    """The rows that are not blank; the line on which each begins is added to `lines`."""
    line = reader.line_num + 1
    for row in reader:
        if row:
            if len(row) != width:
                raise InvalidDataset(
                    f"{path}, line {line}: {len(row)} cells, the header has {width}."
                )
            lines.append(line)
            yield row
        line = reader.line_num + 1
