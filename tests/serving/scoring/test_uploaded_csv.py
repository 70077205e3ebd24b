"""An uploaded table under the names of a schema."""

import pytest

from pipeline.data.schema import Feature, Schema
from serving.errors import Invalid
from serving.scoring.uploaded_csv import read_csv


def schema(*names):
    features = tuple(Feature(name, "number", 0.0, 9.0) for name in names)
    return Schema("tabular", "target", ("no", "yes"), features)


def test_capitals_matter_where_they_alone_tell_columns_apart():
    read = read_csv(schema("Age", "age"), b"age,Age\n1,2\n")
    assert read[0].row == [2, 1]
    with pytest.raises(Invalid, match="lacks 1 column: 'Age'"):
        read_csv(schema("Age", "age"), b"AGE,age\n1,2\n")
    assert read_csv(schema("Age", "income"), b"INCOME,age\n1,2\n")[0].row == [2, 1]


def test_the_delimiter_is_that_which_finds_most_columns():
    with pytest.raises(Invalid, match="lacks 1 column: 'b'"):
        read_csv(schema("a", "b", "c"), b"a;bb;c\n1;2;3\n")


@pytest.mark.parametrize("above", ["# a title, of two parts\n# and more\n", "\n\n", "sep=;\n"])
def test_what_stands_above_the_header_is_passed_over(above):
    assert read_csv(schema("a", "b"), f"{above}a;b\n1;2\n".encode())[0].row == [1, 2]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1,1\n2,2\n", "names no column of the model: 'a', 'b' are some"),
        (b"PK\x03\x04\xff", "is an Excel or a zip file; save the table as CSV"),
        (b"\x1f\x8b\x08\xff\x00", "is compressed; unpack it"),
    ],
)
def test_what_is_no_table_is_said_to_be_so(content, reason):
    with pytest.raises(Invalid) as refusal:
        read_csv(schema("a", "b"), content)
    assert refusal.value.reason == reason
