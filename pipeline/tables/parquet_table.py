"""A Parquet file as a table."""

from pathlib import Path

import numpy as np

from pipeline.tables.table import InvalidDataset, Table, as_column, cell_text

PANDAS_INDEX = "__index_level_"


def read_parquet_table(path: Path, name: str) -> Table:
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ModuleNotFoundError:
        raise InvalidDataset(
            f"{name}: reading Parquet needs pyarrow: pip install pyarrow, or with compose "
            f"EXTRA_PACKAGES=pyarrow."
        ) from None
    try:
        found = parquet.read_table(path)
    except (arrow.ArrowException, OSError) as error:
        raise InvalidDataset(f"{name}: is a damaged Parquet file ({error}).") from None
    kept = [column for column in found.column_names if not column.startswith(PANDAS_INDEX)]
    if not kept or not found.num_rows:
        raise InvalidDataset(f"{name}: holds no rows.")
    columns = []
    for column in kept:
        try:
            cells = [cell_text(value) for value in found.column(column).to_pylist()]
        except ValueError:
            raise InvalidDataset(
                f"{name}, column '{column}': holds {found.schema.field(column).type}; a table has "
                f"one value in a cell. Leave it out of the file."
            ) from None
        columns.append(as_column(cells))
    lines = np.arange(1, found.num_rows + 1)
    header = tuple(column.strip() for column in kept)
    return Table(name, header, tuple(columns), lines, counted="row")
