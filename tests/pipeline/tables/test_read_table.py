"""A table is read from wherever dataset.source says: a database, an address, any dialect."""

import csv
import http.server
import io
import threading

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from pipeline.setting_tables import DatasetSettings, StoreSettings
from pipeline.store.database import connect
from pipeline.tables import downloads
from pipeline.tables.read_table import read_table
from pipeline.tables.table import InvalidDataset

CONTENT = "ville,target\nGenève,a\nLyon,b\n"


def read(source, **wanted):
    return read_table(DatasetSettings(source=str(source), **wanted))


FLATS = """
CREATE TABLE flats (rent DOUBLE PRECISION, city TEXT, target TEXT);
INSERT INTO flats VALUES (862.5, 'Genève', 'a'), (NULL, 'Lyon', 'b'), (510.0, 'Nice', 'a')
"""


@pytest.fixture
def database(store_url):
    engine = connect(StoreSettings(url=store_url))
    with engine.begin() as connection:
        for statement in FLATS.split(";"):
            connection.execute(text(statement))
    yield store_url
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE flats"))
    engine.dispose()


@pytest.fixture
def postgres_url(postgres):
    return postgres.clear_database()


def test_the_rows_of_a_query_are_a_table(database):
    table = read(database, query="SELECT * FROM flats ORDER BY city")
    assert table.header == ("rent", "city", "target")
    assert table.column("rent") == ["862.5", "", "510"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "dataset.query is empty; a SELECT is expected."),
        ("SELECT * FROM houses", "houses"),
        ("DELETE FROM flats", "query: a SELECT is expected."),
        ("SELECT * FROM flats WHERE rent > 9999", "returns no rows."),
    ],
)
def test_a_query_that_gives_no_table_is_refused(database, query, sentence):
    with pytest.raises(InvalidDataset) as refusal:
        read(database, query=query)
    assert sentence in str(refusal.value)
    assert len(read(database, query="SELECT * FROM flats")) == 3, "nothing was deleted"


def test_a_query_may_begin_with_a_comment_or_a_clause(database):
    named = "WITH all_of_them AS (SELECT * FROM flats) SELECT * FROM all_of_them"
    assert len(read(database, query=f"-- of this year\n/* and town */ {named}")) == 3


def test_values_of_a_database_are_written_as_a_file_would(postgres_url):
    values = "1234.50::numeric AS a, DATE '2026-11-30' AS b, true AS c, 7::bigint AS d, NULL AS e"
    moment = "TIMESTAMP '2026-11-30 08:15' AS f"
    table = read(postgres_url, query=f"SELECT {values}, {moment}, 'x' AS target")
    cells = [table.column(name)[0] for name in table.header]
    assert cells == ["1234.50", "2026-11-30", "true", "7", "", "2026-11-30T08:15:00", "x"]


def test_a_cell_of_several_values_is_refused(postgres_url):
    with pytest.raises(InvalidDataset, match=r"a cell holds a list, not one value\."):
        read(postgres_url, query="SELECT ARRAY[1, 2] AS a, 'x' AS target")


def test_a_password_in_the_source_is_refused_and_not_repeated():
    with pytest.raises(InvalidDataset, match=r"dataset\.password_file") as refusal:
        read("postgresql://ann:s3cret@db/flats", query="SELECT 1")
    assert "s3cret" not in str(refusal.value)


def test_a_database_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidDataset, match=r"lost\.db: there is no such file"):
        read(f"sqlite:///{tmp_path}/lost.db", query="SELECT 1")


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.answers = {
            "/table.csv": (200, {}, CONTENT.encode()),
            "/lines.jsonl?v=1": (200, {}, b'{"a": 1, "target": "x"}\n'),
            "/moved": (302, {"Location": "/table.csv"}, b""),
            "/round": (302, {"Location": "/round"}, b""),
            "/ftp": (302, {"Location": "ftp://example.org/table.csv"}, b""),
        }
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/table.csv", "/moved"])
def test_a_table_is_fetched_from_its_address(site, path):
    table = read(site + path)
    assert (table.name, table.column("ville")) == (site + path, ["Genève", "Lyon"])


def test_the_name_in_an_address_says_what_it_is(site):
    assert read(f"{site}/lines.jsonl?v=1").column("a") == ["1"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/lost.csv", "answers 404 Not Found."),
        ("/round", "leads on more than 5 times."),
        ("/ftp", "leads on to ftp://example.org/table.csv, which is not http."),
    ],
)
def test_an_address_without_a_table_is_refused(site, path, sentence):
    with pytest.raises(InvalidDataset) as refusal:
        read(site + path)
    assert sentence in str(refusal.value)


def test_a_file_that_is_too_large_is_not_fetched(site, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 10)
    with pytest.raises(InvalidDataset, match="is larger than 10 bytes"):
        read(f"{site}/table.csv")


def test_a_public_address_does_not_lead_into_the_inner_network():
    public, private = "https://1.1.1.1/a.csv", "http://127.0.0.1:9/secret.csv"
    with pytest.raises(InvalidDataset, match="an address of the inner network"):
        downloads.follow(public, public, private)
    assert downloads.follow(private, private, "/b.csv") == "http://127.0.0.1:9/b.csv"


def test_a_server_that_is_not_there_is_said():
    with pytest.raises(InvalidDataset, match=r"nobody answers at 127\.0\.0\.1:9"):
        read("http://127.0.0.1:9/table.csv")


def test_a_file_may_be_named_by_its_address(tmp_path):
    path = tmp_path / "ma table.csv"
    path.write_text(CONTENT, encoding="utf-8")
    assert read(path.as_uri()).column("target") == ["a", "b"]


CELLS = st.text(
    st.characters(codec="cp1252", exclude_characters="\0\r\ufeff", exclude_categories=["Cc"]),
    max_size=8,
)


def is_utf8(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_in_any_dialect_is_read_back_or_refused(
    tmp_path, rows, delimiter, encoding, quoting, line_end
):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([("first", "second", "third"), *rows])
    path = tmp_path / "table.csv"
    content = buffer.getvalue().encode(encoding)
    if encoding == "cp1252":  # bytes that are UTF-8 as well are read as that
        assume(not is_utf8(content) or content.isascii())
    path.write_bytes(content)
    try:
        table = read(path)
    except InvalidDataset:
        return
    found = list(zip(*(table.column(name) for name in table.header), strict=True))
    assert table.header == ("first", "second", "third")
    assert found == rows
