import io
import json

import pytest
import streamlit as st

from webapp.client.observations import CsvFile, Picture, Row, Rows, Unreadable
from webapp.client.schema import Feature, Schema
from webapp.predict_page.uploads import as_it_is, list_rows, read_upload, take
from webapp.session import Session

FEATURES = tuple(Feature(name, "number", 0.0, 1.0, (), 0.5) for name in ("a", "b"))
TABLE = Schema("tabular", "target", ("x", "y"), FEATURES, "1")
IMAGE = Schema("image", "digit", ("0", "1"), (), "1")


@pytest.mark.parametrize(
    ("content", "observation"),
    [
        (b'{"features": {"a": 1, "b": 2}}', Row({"a": 1, "b": 2})),
        (b'{"a": 1, "b": 2}', Row({"a": 1, "b": 2})),
        (b"[1, 2]", Row([1, 2])),
        (b"[[1, 2], [3, 4]]", Rows("x.json", [[1, 2], [3, 4]])),
        (b'{"rows": [{"features": {"a": 1, "b": 2}}]}', Rows("x.json", [{"a": 1, "b": 2}])),
    ],
)
def test_json_may_hold_one_row_or_many(content, observation):
    assert read_upload(TABLE, "x.json", content) == observation


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[NaN, 1]", b"7", b'"text"', b"[[1], 2]", b"\xff\xfe", b"[" * 100_000]
)
def test_json_that_cannot_be_read_is_refused_with_its_name(content):
    with pytest.raises(Unreadable, match=r"x\.json"):
        read_upload(TABLE, "x.json", content)


def test_json_with_more_rows_than_serving_takes_is_refused_with_how_many():
    with pytest.raises(Unreadable, match=r"x\.json has 1,001 rows; a JSON file may have 1,000"):
        read_upload(TABLE, "x.json", json.dumps([[1, 2]] * 1_001).encode())


def test_a_file_that_streamlit_calls_back_for_twice_is_asked_about_once(monkeypatch):
    """As it does where a click comes while the page still shows the uploader of the file."""
    file, visit = io.BytesIO(b"a,b\n1,2\n"), Session()
    file.name = "x.csv"
    monkeypatch.setattr(st, "session_state", {"upload-0": file})
    take(visit, TABLE, "upload-0", as_it_is)
    assert visit.asked == CsvFile("x.csv", file.getvalue())
    visit.pending = False
    take(visit, TABLE, "upload-0", as_it_is)
    assert not visit.pending


def test_the_kind_of_dataset_says_what_other_files_are():
    assert read_upload(IMAGE, "a.PNG", b"1") == Picture("a.PNG", b"1")
    with pytest.raises(Unreadable, match="neither CSV nor JSON"):
        read_upload(TABLE, "a.png", b"1")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_rows_are_listed_in_their_encoding(encoding):
    table = CsvFile("x.csv", "a,b\nGenève,1\n".encode(encoding))
    assert list_rows(TABLE, table) == (["a", "b"], [["Genève", "1"]])


def test_rows_are_listed_with_their_delimiter():
    table = CsvFile("x.csv", b"b;a\r\n1,5;2\r\n")
    assert list_rows(TABLE, table) == (["b", "a"], [["1,5", "2"]])


@pytest.mark.parametrize("above", ["# a title, of two parts\n# and more\n", "\n", "sep=,\n"])
def test_rows_are_listed_below_what_stands_above_the_header(above):
    table = CsvFile("x.csv", f"{above}B,A\n1,2\n".encode())
    assert list_rows(TABLE, table) == (["B", "A"], [["1", "2"]])


def test_rows_are_listed_under_their_header():
    table = CsvFile("x.csv", b"\xef\xbb\xbfb,a\r\n1,2\r\n\r\n3,4\r\n")
    assert list_rows(TABLE, table) == (["b", "a"], [["1", "2"], ["3", "4"]])
    rows = Rows("x.json", [{"b": 1, "a": 2}, [3, 4]])
    assert list_rows(TABLE, rows) == (["a", "b"], [[2, 1], [3, 4]])
