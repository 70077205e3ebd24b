"""POST /inspect: what a table holds, before anybody trains on it."""

import pytest

FRENCH = "n°;loyer;ville;target\n" + "".join(
    f"{row};{row % 9}1,50 €;{'Lyon' if row % 5 else 'Nice'};{'aabbaba'[row % 7]}\n"
    for row in range(40)
)


def inspect(server, content, name="loyers.csv", **form):
    files = {"file": (name, content)}
    return server.client.post("/inspect", files=files, data=form)


def test_each_column_is_described(mixed_server):
    found = inspect(mixed_server, FRENCH.encode("cp1252")).json()
    assert [column["treatment"] for column in found["columns"]] == [
        "left out: it counts the rows",
        "number in €",
        "category",
    ]
    assert found["columns"][1]["notes"] == ["'01,50 €' is read as 1.5"]
    assert found["labels"] == {"a": 23, "b": 17}
    assert found["notes"] == [
        "It is text in Windows-1252, not in UTF-8, and was read so.",
        "A semicolon stands between its columns.",
    ]
    assert 'ignore = ["n°"]' in found["settings"]


def test_the_target_may_be_named(mixed_server):
    found = inspect(mixed_server, FRENCH.encode(), target="ville").json()
    assert found["labels"] == {"Lyon": 32, "Nice": 8}
    assert found["trouble"] == ""


def test_what_cannot_be_trained_is_said(mixed_server):
    found = inspect(mixed_server, FRENCH.encode(), target="n°").json()
    assert "it looks like an amount" in found["trouble"]
    found = inspect(mixed_server, FRENCH.encode(), target="prix").json()
    assert "has no target column 'prix'" in found["trouble"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,target\n1\n", "line 2: 1 cells, the header has 2"),
        (b"%PDF-1.7", "is a PDF; save the table as CSV"),
        (b"", "is empty; a header line and rows are expected"),
    ],
)
def test_what_is_no_table_is_refused_in_words(mixed_server, content, reason):
    answer = inspect(mixed_server, content)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"] == [{"field": "file", "reason": reason}]


def test_a_name_is_no_path(mixed_server):
    found = inspect(mixed_server, FRENCH.encode(), name="../../etc/passwd").json()
    assert 'source = "passwd"' in found["settings"]
