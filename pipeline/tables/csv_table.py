"""A CSV file as a table of text, and its mistakes named by line."""

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.tables.table import COMMA, ROWS_A_BLOCK, InvalidDataset, Table, TableBuilder
from pipeline.tables.text_encoding import UTF8, WINDOWS, UnknownEncoding, find_encoding

if TYPE_CHECKING:
    from _csv import Reader

BYTES_A_PART = 1 << 20
DELIMITERS = ",;\t|"
DELIMITER_NAMES = {";": "A semicolon", "\t": "A tab", "|": "A vertical bar"}
COMMENT = "#"


def read_csv_table(path: Path, name: str = "", delimiter: str = "") -> Table:
    """Read a CSV file with a header; every row must be as long as the header."""
    name = name or str(path)
    try:
        with path.open("rb") as binary:
            encoding = find_encoding(iter(lambda: binary.read(BYTES_A_PART), b""))
        with path.open(newline="", encoding=encoding) as file:
            comments = count_comments(file)
        mark = delimiter or _find_delimiter(path, encoding, comments)
        with path.open(newline="", encoding=encoding) as file:
            for _ in range(comments):
                file.readline()
            reader = csv.reader(file, delimiter=mark, strict=True)
            header = check_header(name, next(reader, []))
            columns, lines = _read_rows(name, reader, len(header), comments)
    except FileNotFoundError:
        raise InvalidDataset(f"{name}: there is no such file.") from None
    except (UnknownEncoding, UnicodeDecodeError):
        raise InvalidDataset(
            f"{name}, line {_undecodable_line(path)}: is no text in UTF-8, UTF-16 or Windows-1252."
        ) from None
    except OSError as error:
        raise InvalidDataset(f"{name}: cannot be read ({error.strerror}).") from None
    except csv.Error as error:
        line = comments + reader.line_num
        if "unexpected end" in str(error):
            line = comments + _open_quote_line(path, encoding, comments, mark)
            raise InvalidDataset(
                f'{name}, line {line}: a quotation mark (") is opened there and not closed.'
            ) from None
        raise InvalidDataset(f"{name}, line {line}: {error}.") from None
    if not len(lines):
        raise InvalidDataset(f"{name}: holds a header and no rows.")
    notes = _describe(encoding, mark, comments)
    return drop_nameless(Table(name, header, columns, lines, mark, notes=tuple(notes)))


def _describe(encoding: str, delimiter: str, comments: int) -> Iterator[str]:
    if encoding != UTF8:
        name = {WINDOWS: "Windows-1252"}.get(encoding, encoding.upper())
        yield f"It is text in {name}, not in UTF-8, and was read so."
    if delimiter != COMMA:
        yield f"{DELIMITER_NAMES.get(delimiter, repr(delimiter))} stands between its columns."
    if comments:
        yield f"Its first {comments} lines begin with {COMMENT} and were passed over."


def count_comments(lines: Iterable[str]) -> int:
    """Lines above the header that begin with #; a first column may be named so in one line."""
    found = list(itertools.takewhile(lambda line: line.startswith(COMMENT), lines))
    is_header = len(found) == 1 and any(mark in found[0] for mark in DELIMITERS)
    return 0 if is_header else len(found)


def _find_delimiter(path: Path, encoding: str, comments: int) -> str:
    """What stands in the header; of several, what cuts all rows alike and into the most cells."""
    with path.open(newline="", encoding=encoding) as file:
        line = next(itertools.islice(file, comments, None), "")
    present = [mark for mark in DELIMITERS if mark in line]
    if len(present) < 2:
        return present[0] if present else COMMA
    widths = {mark: _count_columns(path, encoding, comments, mark) for mark in present}
    return max(present, key=lambda mark: (widths[mark], line.count(mark)))


def _count_columns(path: Path, encoding: str, comments: int, delimiter: str) -> int:
    """0 unless all rows have as many."""
    with path.open(newline="", encoding=encoding) as file:
        lines = itertools.islice(file, comments, None)
        try:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            widths = {len(row) for row in reader if row}
        except csv.Error:
            return 0
    return widths.pop() if len(widths) == 1 else 0


def _open_quote_line(path: Path, encoding: str, comments: int, delimiter: str) -> int:
    """The line on which the last row that can be read is followed by one that never ends."""
    with path.open(newline="", encoding=encoding) as file:
        reader = csv.reader(
            itertools.islice(file, comments, None), delimiter=delimiter, strict=True
        )
        line = 1
        try:
            for _ in reader:
                line = reader.line_num + 1
        except csv.Error:
            pass
    return line


def _undecodable_line(path: Path) -> int:
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1


def check_header(name: str, cells: list[str]) -> tuple[str, ...]:
    """The names of the columns without the spaces around them."""
    if not any(cell.strip() for cell in cells):
        raise InvalidDataset(f"{name}: is empty; a header line and rows are expected.")
    header = tuple(cell.strip() for cell in cells)
    for column, times in Counter(header).items():
        if column and times > 1:
            raise InvalidDataset(
                f"{name}, line 1: the column '{column}' stands there {times} times. Line 1 is the "
                f"header."
            )
    return header


def drop_nameless(table: Table) -> Table:
    """Without the empty columns that a mark at the end of each line makes.

    The first column may go without a name: it is the index that pandas and R write.
    """
    named = [place for place, column in enumerate(table.header) if column or place == 0]
    for place in range(len(table.header)):
        if place not in named and any(map(str.strip, table.columns[place].tolist())):
            raise InvalidDataset(
                f"{table.name}, line 1: column {place + 1} of {len(table.header)} has no name. "
                f"Line 1 is the header; is it a title? Then take it out."
            )
    if len(named) == len(table.header):
        return table
    dropped = len(table.header) - len(named)
    note = f"{dropped} empty columns without a name are left out."
    return replace(
        table,
        header=tuple(table.header[place] for place in named),
        columns=tuple(table.columns[place] for place in named),
        notes=(*table.notes, note if dropped > 1 else "An empty column is left out."),
    )


def _read_rows(
    name: str, reader: "Reader", width: int, comments: int
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    builder, lines = TableBuilder(width), list[int]()
    rows = _checked_rows(name, reader, width, comments, lines)
    while block := list(itertools.islice(rows, ROWS_A_BLOCK)):
        builder.add(block)
    return builder.columns(), np.array(lines, dtype=np.int64)


def _checked_rows(
    name: str, reader: "Reader", width: int, comments: int, lines: list[int]
) -> Iterator[list[str]]:
    """The rows that are not blank; the line on which each begins is added to `lines`."""
    line = reader.line_num + 1
    for row in reader:
        if row:
            if len(row) != width:
                title = width == 1 and not lines
                raise InvalidDataset(
                    f"{name}, line {comments + line}: {len(row)} cells, the header has {width}."
                    + (" Is line 1 a title? Then take it out." if title else "")
                )
            lines.append(comments + line)
            yield row
        line = reader.line_num + 1
