"""POST /predict/file with a CSV."""

import csv
import io

import pytest

from tests.support.models_and_records.installations import QUOTED

ROW = {"age": "33", "income": "2500.5", "plan": "plus", "active": "yes", QUOTED: "16.5"}


def as_csv(rows, names=None):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names or list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def upload(server, content, name="rows.csv"):
    return server.client.post("/predict/file", files={"file": (name, content)})


def probabilities(answer):
    return [prediction["probabilities"] for prediction in answer.json()["predictions"]]


def detail(answer):
    assert answer.status_code == 422
    return answer.json()["error"]["details"][0]


def test_each_row_is_answered_in_order(mixed_server):
    rows = [{**ROW, "age": str(age)} for age in (20, 70)]
    single = [probabilities(upload(mixed_server, as_csv([row])))[0] for row in rows]
    assert probabilities(upload(mixed_server, as_csv(rows))) == single


def test_a_csv_row_is_answered_as_the_same_json(mixed_server):
    typed = {"age": 33, "income": 2500.5, "plan": "plus", "active": True, QUOTED: 16.5}
    in_json = mixed_server.predict(typed)["probabilities"]
    assert probabilities(upload(mixed_server, as_csv([ROW]))) == [in_json]


def test_columns_may_come_in_any_order(mixed_server):
    backwards = as_csv([ROW], list(reversed(ROW)))
    assert probabilities(upload(mixed_server, backwards)) == probabilities(
        upload(mixed_server, as_csv([ROW]))
    )


def test_the_target_column_is_left_out(mixed_server):
    with_target = as_csv([{**ROW, "churned": "1"}])
    assert upload(mixed_server, with_target).status_code == 200


def test_a_byte_order_mark_and_windows_lines_are_taken(mixed_server):
    assert upload(mixed_server, b"\xef\xbb\xbf" + as_csv([ROW])).status_code == 200


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_file_may_have_the_encoding_of_windows(mixed_server, encoding):
    text = as_csv([{**ROW, "plan": "crème"}]).decode()
    expected = probabilities(upload(mixed_server, text.encode()))
    assert probabilities(upload(mixed_server, text.encode(encoding))) == expected


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_taken(mixed_server, mark):
    expected = probabilities(upload(mixed_server, as_csv([ROW])))
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=mark).writerows([list(ROW), list(ROW.values())])
    assert probabilities(upload(mixed_server, buffer.getvalue().encode())) == expected


def test_names_of_columns_may_differ_in_capitals_and_spaces(mixed_server):
    expected = probabilities(upload(mixed_server, as_csv([ROW])))
    header, rest = as_csv([ROW]).split(b"\r\n", 1)
    odd = header.replace(b"age", b" Age ").replace(b"income", b"INCOME")
    assert probabilities(upload(mixed_server, odd + b"\r\n" + rest)) == expected


def test_comments_above_the_header_are_passed_over(mixed_server):
    comments = b"# exported on Monday, at noon\n# by Ann\n"
    expected = probabilities(upload(mixed_server, as_csv([ROW])))
    assert probabilities(upload(mixed_server, comments + as_csv([ROW]))) == expected
    broken = comments + as_csv([ROW, {**ROW, "age": "old"}])
    assert detail(upload(mixed_server, broken))["field"] == "file.line 5.age"


def test_what_is_no_text_is_refused(mixed_server):
    answer = upload(mixed_server, as_csv([ROW]) + b"\x00\x81\xff")
    assert detail(answer)["reason"] == "is no text in UTF-8, UTF-16 or Windows-1252"


def test_an_empty_cell_is_a_missing_value(mixed_server):
    answer = upload(mixed_server, as_csv([dict.fromkeys(ROW, "")]))
    expected = mixed_server.predict(dict.fromkeys(ROW))["probabilities"]
    assert probabilities(answer) == [expected]


def test_a_wrong_cell_is_named_by_line_and_column(mixed_server):
    answer = upload(mixed_server, as_csv([ROW, {**ROW, "age": "old"}]))
    reason = "must be a number, or empty if unknown"
    assert detail(answer) == {"field": "file.line 3.age", "reason": reason}


@pytest.mark.parametrize("number", ["1e39", "inf", "1" * 400, "-1e400"])
def test_a_number_too_large_is_refused(mixed_server, number):
    assert detail(upload(mixed_server, as_csv([{**ROW, "age": number}])))["field"].endswith(".age")


def test_a_missing_column_is_named(mixed_server):
    rest = {name: cell for name, cell in ROW.items() if name != "plan"}
    reason = "lacks 1 column: 'plan'"
    assert detail(upload(mixed_server, as_csv([rest]))) == {
        "field": "file.header",
        "reason": reason,
    }


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "file.header"),
        (as_csv([ROW]).splitlines(keepends=True)[0], "file"),
        (as_csv([{**ROW, "more": "1"}]), "file.header"),
        (as_csv([ROW]).replace(b"income", b"age"), "file.header"),
        (as_csv([ROW]) + b"1,2\r\n", "file.line 3"),
        (as_csv([ROW]) + b'"1,2', "file.line 3"),
        (as_csv([ROW]) + b"\xff\x81", "file"),
        (as_csv([ROW]) + b"\x00", "file.line 3"),
        (as_csv([ROW]) + b"x" * 200_000, "file.line 3"),
        (b"x" * 200_000, "file.line 1"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(mixed_server, content, field):
    assert detail(upload(mixed_server, content))["field"] == field


@pytest.mark.parametrize(("rows", "status"), [(10_000, 200), (10_001, 422)])
def test_a_table_has_up_to_10000_rows(mixed_server, rows, status):
    assert upload(mixed_server, as_csv([ROW] * rows)).status_code == status


def test_an_upload_without_a_file_is_refused(mixed_server):
    answer = mixed_server.client.post("/predict/file", files={"other": ("x.csv", b"1")})
    assert detail(answer)["field"] == "body.file"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=b"])
def test_broken_multipart_is_refused(mixed_server, kind):
    answer = mixed_server.client.post(
        "/predict/file", content=b"--b\r\nno header", headers={"content-type": kind}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
