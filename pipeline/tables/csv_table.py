"""A CSV file as a table of text, and its mistakes named by line."""

import csv
import itertools
import re
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
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
STATED = re.compile(r"sep=([,;|\t])\s*")  # as Excel writes above the header


def read_csv_table(path: Path, name: str = "", delimiter: str = "") -> Table:
    """Read a CSV file with a header; every row must be as long as the header."""
    name = name or str(path)
    try:
        with path.open("rb") as binary:
            encoding = find_encoding(iter(lambda: binary.read(BYTES_A_PART), b""))
        if encoding in (UTF8, WINDOWS):
            _refuse_nul(path, name)
        with path.open(newline="", encoding=encoding) as file:
            above, stated = read_above(file)
        mark = delimiter or stated or _find_delimiter(path, encoding, above)
        with path.open(newline="", encoding=encoding) as file:
            for _ in range(above):
                file.readline()
            reader = csv.reader(file, delimiter=mark, strict=True)
            header = check_header(name, next(reader, []))
            header, columns, lines = _read_rows(name, reader, header, above)
    except FileNotFoundError:
        raise InvalidDataset(f"{name}: there is no such file.") from None
    except (UnknownEncoding, UnicodeDecodeError):
        raise InvalidDataset(
            f"{name}, line {_undecodable_line(path)}: is no text in UTF-8, UTF-16 or Windows-1252."
        ) from None
    except OSError as error:
        raise InvalidDataset(f"{name}: cannot be read ({error.strerror}).") from None
    except csv.Error as error:
        line = above + reader.line_num
        if "unexpected end" in str(error):
            line = above + _open_quote_line(path, encoding, above, mark)
            raise InvalidDataset(
                f'{name}, line {line}: a quotation mark (") is opened there and not closed.'
            ) from None
        raise InvalidDataset(f"{name}, line {line}: {error}.") from None
    if not len(lines):
        raise InvalidDataset(f"{name}: holds a header and no rows.")
    notes = _describe(encoding, mark, above)
    return drop_nameless(Table(name, header, columns, lines, mark, notes=tuple(notes)))


def _refuse_nul(path: Path, name: str) -> None:
    """Which no store and no page can hold."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if b"\0" in line:
                raise InvalidDataset(f"{name}, line {number}: holds a NUL.")


def _describe(encoding: str, delimiter: str, above: int) -> Iterator[str]:
    if encoding != UTF8:
        name = {WINDOWS: "Windows-1252"}.get(encoding, encoding.upper())
        yield f"It is text in {name}, not in UTF-8, and was read so."
    if delimiter != COMMA:
        yield f"{DELIMITER_NAMES.get(delimiter, repr(delimiter))} stands between its columns."
    if above:
        passed = "1 line is" if above == 1 else f"{above} lines are"
        yield f"{passed} passed over above its header."


def read_above(lines: Iterable[str]) -> tuple[int, str]:
    """How many lines stand above the header, and the delimiter if one of them states it.

    They are blank, begin with #, or are the sep=; of Excel. A first column may be named with a #:
    a single such line with delimiters in it is the header.
    """
    delimiter, above = "", list[str]()
    for line in lines:
        stated = None if above else STATED.fullmatch(line)
        if line.strip() and not stated and not line.startswith(COMMENT):
            break
        delimiter = stated[1] if stated else delimiter
        above.append(line)
    comments = [place for place, line in enumerate(above) if line.startswith(COMMENT)]
    if len(comments) == 1 and any(mark in above[comments[0]] for mark in DELIMITERS):
        return comments[0], delimiter
    return len(above), delimiter


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
    name: str, reader: "Reader", header: tuple[str, ...], above: int
) -> tuple[tuple[str, ...], tuple[np.ndarray, ...], np.ndarray]:
    """The header too: R leaves out the name of its first column, which names the rows."""
    numbered = _number_rows(reader)
    first = list(itertools.islice(numbered, 1))
    if (
        first
        and len(first[0][1]) == len(header) + 1 > 2
        and any(map(NUMBER.fullmatch, first[0][1]))
    ):
        header = ("", *header)  # below a title stand names, and no numbers
    builder, lines = TableBuilder(len(header)), list[int]()
    rows = _check_rows(name, itertools.chain(first, numbered), len(header), above, lines)
    while block := list(itertools.islice(rows, ROWS_A_BLOCK)):
        builder.add(block)
    return header, builder.columns(), np.array(lines, dtype=np.int64)


def _number_rows(reader: "Reader") -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line on which it begins."""
    line = reader.line_num + 1
    for row in reader:
        if row:
            yield line, row
        line = reader.line_num + 1


def _check_rows(
    name: str, rows: Iterable[tuple[int, list[str]]], width: int, above: int, lines: list[int]
) -> Iterator[list[str]]:
    """The rows; the line on which each begins is added to `lines`."""
    for line, row in rows:
        if len(row) != width:
            title = len(row) > width and not lines
            raise InvalidDataset(
                f"{name}, line {above + line}: {len(row)} cells, the header has {width}."
                + (f" Is line {above + 1} a title? Then take it out." if title else "")
            )
        lines.append(above + line)
        yield row
