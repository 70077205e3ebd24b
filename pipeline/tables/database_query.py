"""The rows of a SQL query as a table."""

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import URL, CursorResult, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from pipeline.setting_tables import DatasetSettings
from pipeline.tables.csv_table import check_header
from pipeline.tables.table import ROWS_A_BLOCK, InvalidDataset, Table, TableBuilder, cell_text

SELECT = re.compile(r"(?i:(?:\s|\(|--.*\n|/\*(?:.|\n)*?\*/)*(?:select|with|values|table)\b)")


def read_query(wanted: DatasetSettings) -> Table:
    """dataset.query asked of dataset.source; nothing that it changes is kept."""
    url = _address(wanted)
    name = f"{url.render_as_string()}, query"
    if not wanted.query:
        raise InvalidDataset(f"{url}: dataset.query is empty; a SELECT is expected.")
    if not SELECT.match(wanted.query):  # in PostgreSQL's own words it is a syntax error
        raise InvalidDataset(f"{name}: a SELECT is expected.")
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execution_options(stream_results=True).execute(text(wanted.query))
            if not found.returns_rows:
                raise InvalidDataset(f"{name}: returns no rows; a SELECT is expected.")
            return _read_rows(name, found)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0]
        raise InvalidDataset(f"{name}: {reason}") from None
    except ValueError as error:
        raise InvalidDataset(f"{name}: a cell holds a {error}, not one value.") from None
    finally:
        engine.dispose()


def _address(wanted: DatasetSettings) -> URL:
    try:
        url = make_url(wanted.source)
    except ArgumentError:
        raise InvalidDataset("dataset.source is no address of a database.") from None
    if url.password is not None:
        raise InvalidDataset(
            f"dataset.source {url.render_as_string()}: a password in it would be sealed with the "
            f"model. Put it in a file and name that in dataset.password_file."
        )
    if wanted.password_file:
        url = url.set(password=Path(wanted.password_file).read_text().strip())
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername.startswith("sqlite") and not Path(url.database or "").is_file():
        raise InvalidDataset(f"{url.database}: there is no such file.")
    return url


def _read_rows(name: str, found: CursorResult[Any]) -> Table:
    header = check_header(name, list(found.keys()))
    builder, rows = TableBuilder(len(header)), 0
    while block := list(itertools.islice(found, ROWS_A_BLOCK)):
        builder.add([[cell_text(value) for value in row] for row in block])
        rows += len(block)
    if not rows:
        raise InvalidDataset(f"{name}: returns no rows.")
    return Table(name, header, builder.columns(), np.arange(1, rows + 1), counted="row")
