"""Reads a table from a file in any of the formats that people have.

Which it is follows from what is in the file, and from its name where that cannot tell.
"""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.setting_tables import DatasetSettings
from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.json_table import JSON_ENDINGS, read_json_table
from pipeline.tables.table import InvalidDataset, Table, refuse_nul

MOST_BYTES = 4_000_000_000  # of a file that is unpacked
ZIP, GZIP, PARQUET = b"PK\x03\x04", b"\x1f\x8b", b"PAR1"
OTHERS = {  # beginnings of what people have and we do not read
    b"\xd0\xcf\x11\xe0": "is an Excel file of the old form; save it as .xlsx or CSV",
    b"%PDF": "is a PDF; save the table as CSV",
    b"SQLite format 3": "is a SQLite database; set dataset.source to sqlite:///FILE and "
    "dataset.query",
    b"\x80\x04\x95": "is a pickle, which can run any command; save the table as CSV or Parquet",
    b"\x80\x05\x95": "is a pickle, which can run any command; save the table as CSV or Parquet",
    b"<!doctype html": "is a web page and not a table; perhaps it asks for a login",
    b"<html": "is a web page and not a table; perhaps it asks for a login",
}
TABLES = {".csv", ".tsv", ".txt", ".tab", ".parquet", ".xlsx", *JSON_ENDINGS}
PASSED_OVER = ("__MACOSX/", ".")


def read_table_file(path: Path, file_name: str, name: str, wanted: DatasetSettings) -> Table:
    """By the first bytes of what lies at `path`; `name` is what messages call it."""
    return refuse_nul(_read_file(path, file_name, name, wanted))


def _read_file(path: Path, file_name: str, name: str, wanted: DatasetSettings) -> Table:
    start = _first_bytes(path, name)
    if start.startswith(GZIP):
        with _unpacked(name, gzip.open(path)) as inner:
            return _read_file(inner, file_name.removesuffix(".gz"), name, wanted)
    if start.startswith(PARQUET):
        from pipeline.tables.parquet_table import read_parquet_table

        return read_parquet_table(path, name)
    if start.startswith(ZIP):
        return _read_zip(path, name, wanted)
    for beginning, what in OTHERS.items():
        if start.lower().startswith(beginning.lower()):
            raise InvalidDataset(f"{name}: {what}.")
    if Path(file_name).suffix.lower() in JSON_ENDINGS:
        return read_json_table(path, name)
    return read_csv_table(path, name, wanted.delimiter)


def _first_bytes(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except FileNotFoundError:
        raise InvalidDataset(f"{name}: there is no such file.") from None
    except OSError as error:
        raise InvalidDataset(f"{name}: cannot be read ({error.strerror}).") from None


def _read_zip(path: Path, name: str, wanted: DatasetSettings) -> Table:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise InvalidDataset(f"{name}: is a damaged zip file.") from None
    with archive:
        members = [info.filename for info in archive.infolist() if not info.is_dir()]
        if "xl/workbook.xml" in members:
            from pipeline.tables.excel_table import read_excel_table

            return read_excel_table(path, name, wanted.sheet)
        if "content.xml" in members:
            raise InvalidDataset(f"{name}: is a LibreOffice file; save it as .xlsx or CSV.")
        tables = [member for member in members if _is_table(member)]
        if len(tables) != 1:
            what = f"holds {len(tables)} tables: {', '.join(tables[:5])}" if tables else "has none"
            raise InvalidDataset(f"{name}: one table is expected in a zip file; it {what}.")
        with _unpacked(name, archive.open(tables[0])) as inner:
            return _read_file(inner, tables[0], f"{name}, {tables[0]}", wanted)


def _is_table(member: str) -> bool:
    name = Path(member).name
    return not member.startswith(PASSED_OVER) and Path(name).suffix.lower() in TABLES


@contextmanager
def _unpacked(name: str, packed: IO[bytes] | gzip.GzipFile) -> Iterator[Path]:
    """The content in a file of its own for as long as it is read, and no more than is allowed."""
    with tempfile.NamedTemporaryFile() as file, packed:
        try:
            left = MOST_BYTES
            while part := packed.read(1 << 20):
                left -= len(part)
                if left < 0:
                    raise InvalidDataset(f"{name}: holds more than {MOST_BYTES:,} bytes unpacked.")
                file.write(part)
        except (EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise InvalidDataset(f"{name}: cannot be unpacked ({error}).") from None
        file.flush()
        yield Path(file.name)
