"""Reads the table that dataset.source names: a file, an address, the rows of a query."""

import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.setting_tables import DatasetSettings
from pipeline.tables.file_formats import read_table_file
from pipeline.tables.table import Table, refuse_nul

DATABASES = ("postgresql", "sqlite")
WEB = ("http", "https")


def is_remote(source: str) -> bool:
    """Whether it is a URL or a database and not a path."""
    return urlsplit(source).scheme.partition("+")[0] in (*DATABASES, *WEB, "file")


def read_table(wanted: DatasetSettings) -> Table:
    source = wanted.source
    scheme = urlsplit(source).scheme.partition("+")[0]
    if scheme in DATABASES:
        from pipeline.tables.database_query import read_query

        return refuse_nul(read_query(wanted))
    if scheme in WEB:
        from pipeline.tables.downloads import download

        with tempfile.NamedTemporaryFile() as file:
            download(source, file)
            return read_table_file(Path(file.name), unquote(urlsplit(source).path), source, wanted)
    path = Path(unquote(urlsplit(source).path)) if scheme == "file" else Path(source)
    return read_table_file(path, path.name, str(path), wanted)
