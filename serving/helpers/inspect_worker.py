"""Looks at tables in a process of its own: one a line in, what was understood a line out.

Started by `serving/helpers/inspector.py`; ends when its standard input does.
"""

import tempfile
from pathlib import Path

from pipeline.columns.column_types import ColumnReport
from pipeline.columns.inspection import inspect_table, name_treatment, write_settings
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.file_formats import read_table_file
from pipeline.tables.table import InvalidDataset
from serving.helpers.inspector import InspectedColumn, InspectedTable, InspectionRequest, Unreadable
from serving.helpers.line_answers import answer_lines

MOST_BYTES = 1024**3  # of memory


def main() -> None:
    answer_lines(MOST_BYTES, InspectionRequest, answer)


def answer(question: InspectionRequest) -> InspectedTable | Unreadable:
    name = Path(question.name).name or "file"
    wanted = DatasetSettings(source=name, target=question.target or "target")
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(question.content)
            file.flush()
            found = inspect_table(read_table_file(Path(file.name), name, name, wanted), wanted)
    except InvalidDataset as error:
        return Unreadable(str(error).removeprefix(name).lstrip(":, ").rstrip("."))
    except MemoryError:
        return Unreadable("takes too much memory to look at here")
    columns = [describe(column) for column in found.columns]
    settings = write_settings(wanted, found)
    return InspectedTable(
        found.header,
        found.rows,
        columns,
        dict(found.labels),
        found.notes,
        found.trouble,
        settings,
    )


def describe(column: ColumnReport) -> InspectedColumn:
    return InspectedColumn(
        column.name,
        column.missing,
        column.distinct,
        tuple(example[:100] for example in column.examples),
        name_treatment(column),
        bool(column.left_out),
        () if column.left_out else column.notes,
        column.warnings,
    )


if __name__ == "__main__":
    main()
