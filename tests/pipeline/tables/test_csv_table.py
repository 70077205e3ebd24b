"""A CSV file is read whole, or refused with its line and the reason."""

import numpy as np
import pytest

from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.table import InvalidDataset


def read(folder, content):
    path = folder / "some.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv_table(path)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n",
        "\ufeffa,b\n1,x\n2,y",
        "a,b\r\n1,x\r\n2,y\r\n",
        '"a","b"\n\n1,x\n\n"2",y\n\n',
    ],
    ids=["plain", "byte order mark", "CRLF", "quotes and blank lines"],
)
def test_a_file_is_read_however_it_was_saved(tmp_path, content):
    table = read(tmp_path, content)
    assert (table.column("a"), table.column("b")) == (["1", "2"], ["x", "y"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_a_file_is_read_in_its_own_encoding(tmp_path, encoding):
    assert read(tmp_path, "a\nGenève\n".encode(encoding)).column("a") == ["Genève"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_file_may_have_another_delimiter(tmp_path, mark):
    table = read(tmp_path, f"a{mark}b\n1{mark}x y\n")
    assert (table.header, table.column("b")) == (("a", "b"), ["x y"])
    assert table.delimiter == mark


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("a,b;c\n1,2\n3,4\n", ("a", "b;c")),
        ("a,b;c\n1;2\n3;4\n", ("a,b", "c")),
        ("a,b;c\n1,2;x\n3,4;y\n", ("a", "b;c")),
        ('"a;b","c;d"\n1,2\n', ("a;b", "c;d")),
        ("a|b;c;d\n1;2;3\n", ("a|b", "c", "d")),
    ],
)
def test_of_two_delimiters_in_the_header_the_rows_tell(tmp_path, content, header):
    assert read(tmp_path, content).header == header


def test_a_cell_may_hold_commas_quotes_and_line_ends(tmp_path):
    assert read(tmp_path, 'a\n"x, ""y""\r\nz"\n').column("a") == ['x, "y"\r\nz']


def test_a_row_knows_its_line_behind_cells_of_many_lines(tmp_path):
    assert read(tmp_path, 'a,b\n"1\n1\n1",2\n\n3,4\n').lines.tolist() == [2, 6]


def test_many_rows_keep_their_order(tmp_path):
    table = read(tmp_path, "a\n" + "".join(f"{n}\n" for n in range(25_000)))
    assert np.array_equal(np.array(table.column("a"), dtype=int), np.arange(25_000))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "some.csv: is empty"),
        ("a,b\n", "some.csv: holds a header and no rows."),
        ("a,b\n1,2\n1,2,3\n", "some.csv, line 3: 3 cells, the header has 2."),
        ('a,b\n"1\n1",2\n1\n', "some.csv, line 4: 1 cells, the header has 2."),
        (
            "a,a\n1,2\n",
            "some.csv, line 1: the column 'a' stands there 2 times. Line 1 is the header.",
        ),
        ("a;b\n1;2\n1,5\n", "some.csv, line 3: 1 cells, the header has 2."),
        ("a,\n1,2\n", "some.csv, line 1: column 2 of 2 has no name."),
        ('a,b\n1,"x\n', 'some.csv, line 2: a quotation mark (") is opened there and not closed.'),
        ('a,b\n1,2\n"x"y,2\n', "some.csv, line 3: ',' expected after '\"'."),
        (
            "a\nGenève\nNîmes\n".encode() + b"Gen\xe8ve\n",
            "some.csv, line 4: is no text in UTF-8, UTF-16 or Windows-1252.",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_its_line_and_the_reason(tmp_path, content, sentence):
    with pytest.raises(InvalidDataset) as refusal:
        read(tmp_path, content)
    assert sentence in str(refusal.value)


def test_what_is_missing_or_a_folder_is_refused(tmp_path):
    with pytest.raises(InvalidDataset, match="there is no such file"):
        read_csv_table(tmp_path / "none.csv")
    with pytest.raises(InvalidDataset, match="cannot be read"):
        read_csv_table(tmp_path)
