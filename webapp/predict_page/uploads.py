"""Turns uploaded files into observations. Raises Unreadable, with a sentence."""

import codecs
import csv
import io
import itertools
import json
from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from webapp.client.observations import (
    CsvFile,
    Observation,
    Picture,
    Recording,
    Row,
    Rows,
    Unreadable,
)
from webapp.client.schema import Schema
from webapp.components.drop_anywhere import read_refused, watch_uploads
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import count

MOST_ABOVE = 100  # lines above a header, such as comments
MOST_JSON_ROWS = 1_000  # that serving accepts in one request; a CSV file may have more
TABLE_ENDINGS = (".csv", ".tsv", ".txt")


Fit = Callable[[Observation], Observation]


def as_it_is(observation: Observation) -> Observation:
    return observation


def take_file(visit: Session, schema: Schema, label: str, fit: Fit = as_it_is) -> None:
    """Show an uploader. Each file gets a new one, because a file is shown with its prediction.

    It accepts any ending, for it would refuse a file without an explanation.
    """
    key = _name_uploader(visit)
    st.file_uploader(label, key=key, on_change=take, args=(visit, schema, key, fit))
    most = int(st.get_option("server.maxUploadSize"))

    def refuse() -> None:
        if name := read_refused():
            visit.uploads += 1
            too_large = mark("{name} is larger than {most} MB, which is the limit.")
            visit.refuse(say(too_large, name=name, most=most))

    watch_uploads(most, refuse)


def _name_uploader(visit: Session) -> str:
    return f"upload-{visit.uploads}"


def take(visit: Session, schema: Schema, key: str, fit: Fit) -> None:
    """Take a file once, although Streamlit may call again for it after another click."""
    upload = st.session_state[key]
    if upload is None or key != _name_uploader(visit):
        return
    visit.uploads += 1
    try:
        visit.ask(fit(read_upload(schema, upload.name, upload.getvalue())))
    except Unreadable as error:
        visit.refuse(str(error))


def read_upload(schema: Schema, name: str, content: bytes) -> Observation:
    """Tell the kind of a file by the dataset and its name; serving checks the content."""
    if not content:
        raise Unreadable(say("{name} is empty.", name=name))
    if name.lower().endswith(".json"):
        return _read_json(name, content)
    if name.lower().endswith(TABLE_ENDINGS):
        return CsvFile(name, content)
    if schema.kind == "image":
        return Picture(name, content)
    if schema.kind != "tabular":
        return Recording(name, content, schema.kind)
    raise Unreadable(say("{name} is neither CSV nor JSON.", name=name))


def read_json_row(text: str) -> Observation:
    """The features in an address: a JSON object or list."""
    found = _read_json(say("The address"), text.encode())
    if not isinstance(found, Row):
        raise Unreadable(say("The address does not hold the features of one row."))
    return found


def _read_json(name: str, content: bytes) -> Observation:
    try:
        body = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Unreadable(say("{name} is not valid JSON.", name=name)) from None
    if isinstance(body, dict) and set(body) == {"rows"}:
        body = body["rows"]
    if isinstance(body, dict):
        return Row(_features(name, body))
    if isinstance(body, list) and body and isinstance(body[0], dict | list):
        _refuse_many(name, len(body))
        return Rows(name, [_features(name, row) for row in body])
    if isinstance(body, list):
        return Row(body)
    raise Unreadable(say("{name} holds neither features nor rows of features.", name=name))


def _refuse_many(name: str, rows: int) -> None:
    if rows > MOST_JSON_ROWS:
        most = mark("{name} has {rows} rows; a JSON file may have {most}, a CSV file 10,000.")
        raise Unreadable(say(most, name=name, rows=count(rows), most=count(MOST_JSON_ROWS)))


def _features(name: str, row: Any) -> Any:
    features = row["features"] if isinstance(row, dict) and set(row) == {"features"} else row
    if not isinstance(features, dict | list):
        raise Unreadable(say("{name} holds neither features nor rows of features.", name=name))
    return features


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def _decode(content: bytes) -> str:
    """The text of a file that serving accepted, in one of the encodings that serving knows."""
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def list_rows(schema: Schema, table: CsvFile | Rows) -> tuple[list[str], list[list[Any]]]:
    """The header and the cells of a table that serving accepted."""
    names = [feature.name for feature in schema.features]
    if isinstance(table, CsvFile):
        text = _decode(table.content)
        wanted = {name.casefold() for name in names}
        lines = list(io.StringIO(text, newline=""))
        for above, delimiter in itertools.product(range(min(len(lines), MOST_ABOVE)), ",;\t|"):
            reader = csv.reader(lines[above:], delimiter=delimiter)
            header = [name.strip() for name in next(reader, [])]
            if wanted.issubset(name.casefold() for name in header):
                return header, [cells for cells in reader if cells]
        raise Unreadable(say("{name} lacks columns of the dataset.", name=table.name))
    return names, [
        [row[name] for name in names] if isinstance(row, dict) else list(row) for row in table.rows
    ]
