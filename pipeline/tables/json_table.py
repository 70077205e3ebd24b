"""JSON as a table: an array of objects, or one object a line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.tables.table import InvalidDataset, Table, as_column, cell_text

LINES = (".jsonl", ".ndjson")
JSON_ENDINGS = (".json", *LINES)


def read_json_table(path: Path, name: str) -> Table:
    """The columns are the keys of all objects in the order of their first appearance."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidDataset(f"{name}: is no text in UTF-8, as JSON must be.") from None
    try:
        by_column = _columns(text)
        if by_column is not None:
            rows = list(by_column)
        else:
            rows = list(_array(name, text) if text.lstrip()[:1] == "[" else _lines(name, text))
    except RecursionError:
        raise InvalidDataset(f"{name}: is nested too deeply.") from None
    if not rows:
        raise InvalidDataset(f"{name}: holds no rows.")
    keys = dict.fromkeys(key for _, row in rows for key in row)
    header = tuple(key.strip() for key in keys)
    columns = tuple(
        as_column([_cell(name, line, key, row.get(key)) for line, row in rows]) for key in keys
    )
    counted = "element" if text.lstrip()[:1] == "[" else "line"
    return Table(name, header, columns, np.array([line for line, _ in rows]), counted=counted)


def _columns(text: str) -> list[tuple[int, Mapping[str, Any]]] | None:
    """The rows of {column: {row: value}}, as pandas writes it; None where it is something else."""
    try:
        found = json.loads(text) if text.lstrip()[:1] == "{" else None
    except ValueError:  # an object a line
        return None
    if not isinstance(found, dict):
        return None
    columns = list(found.values())
    if not columns or not all(isinstance(column, dict) and column for column in columns):
        return None
    keys = list(columns[0])
    if any(list(column) != keys for column in columns):
        return None
    return [
        (number, {name: found[name][key] for name in found})
        for number, key in enumerate(keys, start=1)
    ]


def _array(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidDataset(f"{name}: is not valid JSON: {error}.") from None
    for number, row in enumerate(found, start=1):
        yield number, _object(f"{name}, element {number}", row)


def _lines(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            if number == 1 and line.strip()[0] == "{":
                raise InvalidDataset(
                    f"{name}: an array of objects is expected, [{{...}}, {{...}}], or one object "
                    f"a line."
                ) from None
            raise InvalidDataset(f"{name}, line {number}: is not valid JSON.") from None
        yield number, _object(f"{name}, line {number}", row)


def _object(place: str, row: object) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise InvalidDataset(f"{place}: an object is expected, {{column: value, ...}}.")
    return row


def _cell(name: str, line: int, key: str, value: object) -> str:
    try:
        return cell_text(value)
    except ValueError:
        raise InvalidDataset(
            f"{name}: '{key}' of row {line} holds a list or an object; a table has one value in a "
            f"cell. pandas writes one with orient='records'."
        ) from None
