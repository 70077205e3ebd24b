"""The tables of a page that runs in AppTest, which knows no component of ours by itself."""

import json

from webapp.components.table import NAME


def tables_of(app):
    """Of each its rows, as the page tells them: texts by the names of their columns."""
    found = [one.proto for one in app.get("bidi_component")]
    return [read_rows(*json.loads(one.json)) for one in found if one.component_name == NAME]


def read_rows(told):
    return [dict(zip(told["columns"], map(text_of, row), strict=True)) for row in told["rows"]]


def text_of(cell):
    return cell if isinstance(cell, str) else cell[0]
