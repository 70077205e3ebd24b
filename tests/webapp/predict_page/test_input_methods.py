"""Pasted rows and addresses are understood."""

import pytest

from webapp.client.observations import CsvFile, Row, Unreadable
from webapp.client.schema import Feature, Schema
from webapp.predict_page.input_methods import read_pasted
from webapp.predict_page.uploads import read_json_row

TABLE = Schema(
    "tabular",
    "plan",
    ("a", "b"),
    tuple(Feature(name, "number", 0.0, 9.0, (), 1.0) for name in ("age", "fare")),
    "e",
)


@pytest.mark.parametrize("text", ["3\t7,5", "3;7,5", " 3 ; 7,5 \n"])
def test_a_pasted_row_is_read(text):
    assert read_pasted(TABLE, text) == Row(["3", "7,5"])


def test_pasted_rows_with_their_header_are_a_file():
    assert read_pasted(TABLE, "age\tfare\n1\t2\n") == CsvFile("pasted.csv", b"age\tfare\n1\t2")


@pytest.mark.parametrize("text", ["", " \n ", "1\t2\t3", "hello"])
def test_what_cannot_be_pasted_is_told(text):
    with pytest.raises(Unreadable):
        read_pasted(TABLE, text)


def test_an_address_holds_a_row():
    assert read_json_row('{"age": 3, "fare": 7.5}') == Row({"age": 3, "fare": 7.5})
    for text in ("{", "[[1, 2]]", '"text"'):
        with pytest.raises(Unreadable):
            read_json_row(text)
