"""Reads an uploaded CSV file as observations, as `make prepare` reads the file to learn from."""

import contextlib
import csv
import io
from collections.abc import Sequence

from pipeline.data.observation import LONGEST_NAME, InvalidObservation
from pipeline.data.schema import Schema, columns_of
from pipeline.tables.csv_table import DELIMITERS, read_above
from pipeline.tables.text_encoding import UnknownEncoding, find_encoding
from serving.errors import Invalid
from serving.scoring.observations import ParsedObservation, read_values

MOST_ROWS = 10_000
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


def read_csv(schema: Schema, content: bytes) -> list[ParsedObservation]:
    """The observations of a CSV upload: a header with the features in any order."""
    _refuse_packed(content)
    try:
        file = io.StringIO(content.decode(find_encoding([content])), newline="")
        above, stated = read_above(file)
        delimiter = stated or _find_delimiter(schema, _below(file, above))
        reader = csv.reader(_below(file, above), delimiter=delimiter, strict=True)
        header = _spell(schema, next(reader, []))
        places = _find_columns(schema, header)
        read = []
        for cells in reader:
            if cells:
                line = above + reader.line_num
                read.append(_read_cells(schema, header, places, cells, line))
            if len(read) > MOST_ROWS:
                raise Invalid("file", f"has more than {MOST_ROWS:,} rows")
    except (UnknownEncoding, UnicodeDecodeError):
        raise Invalid("file", "is no text in UTF-8, UTF-16 or Windows-1252") from None
    except csv.Error as error:
        raise Invalid(f"file.line {above + reader.line_num}", str(error)) from None
    if not read:
        raise Invalid("file", "has no rows")
    return read


def _refuse_packed(content: bytes) -> None:
    if content.startswith(ZIP):
        raise Invalid("file", "is an Excel or a zip file; save the table as CSV")
    if content.startswith(GZIP):
        raise Invalid("file", "is compressed; unpack it")


def _below(file: io.StringIO, above: int) -> io.StringIO:
    """The file again, from its header on."""
    file.seek(0)
    for _ in range(above):
        file.readline()
    return file


def _find_delimiter(schema: Schema, file: io.StringIO) -> str:
    """The one that cuts most names of features out of the header, a comma if none does."""
    names, begin = {column.name.casefold() for column in columns_of(schema)}, file.tell()
    found = dict.fromkeys(DELIMITERS, 0)
    for delimiter in DELIMITERS:
        file.seek(begin)
        with contextlib.suppress(csv.Error):
            header = next(csv.reader(file, delimiter=delimiter), [])
            found[delimiter] = len(names.intersection(name.strip().casefold() for name in header))
    return max(DELIMITERS, key=found.__getitem__)


def _spell(schema: Schema, header: Sequence[str]) -> list[str]:
    """The names as the schema has them, where they differ in spaces or capitals alone."""
    plain = [name.strip() for name in header]
    known = {*(column.name for column in columns_of(schema)), *schema.ignored, schema.target}
    folded = {name.casefold(): name for name in known}
    if len(folded) < len(known):  # to this model capitals tell columns apart
        return plain
    return [folded.get(name.casefold(), name) for name in plain]


def _find_columns(schema: Schema, header: list[str]) -> list[int]:
    named = [name for name in header if name]  # the index of pandas has none
    names = [column.name for column in columns_of(schema)]
    if not set(names).intersection(named):
        raise Invalid("file.header", f"names no column of the model: {_name_some(names)} are some")
    if len(set(named)) != len(named):
        raise Invalid("file.header", "names a column twice")
    places = {name: place for place, name in enumerate(header)}
    if missing := [name for name in names if name not in places]:
        raise Invalid("file.header", f"lacks {count_columns(missing)}: {_name_some(missing)}")
    known = {*names, *schema.ignored, schema.target}
    if unknown := [name for name in named if name not in known]:
        reason = (
            f"has {count_columns(unknown)} that the model does not know: {_name_some(unknown)}; "
            f"take it out"
        )
        raise Invalid("file.header", reason)
    return [places[name] for name in names]


def _name_some(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:LONGEST_NAME]) for name in names[:3])


def count_columns(names: Sequence[str]) -> str:
    return "1 column" if len(names) == 1 else f"{len(names)} columns"


def _read_cells(
    schema: Schema, header: list[str], places: list[int], cells: list[str], line: int
) -> ParsedObservation:
    if len(cells) != len(header):
        raise Invalid(f"file.line {line}", f"has {len(cells)} cells, the header {len(header)}")
    try:
        return read_values(schema, [cells[place] for place in places])
    except InvalidObservation as error:
        raise Invalid(f"file.line {line}.{error.field}", error.reason) from None
