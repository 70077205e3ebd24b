"""prod_data.csv: always what a fresh export of the feedback would be."""

import numpy as np
import pytest
from sqlalchemy import update

from pipeline.production import csv_mirror
from pipeline.production.csv_mirror import CsvMirror, export_feedback
from pipeline.store.corrections import Correction, write_corrections
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import write_feedback
from pipeline.store.records import Feedback, InlineObservation
from pipeline.store.tables import mirror as recorded

COLUMNS = ("PCA_1", "PCA_2", "PCA_3")


def give(store, rows, target="7"):
    random = np.random.default_rng(rows)
    seen = [
        InlineObservation(b"", pack(random.normal(size=3)), 0.1, "e", "say, 7") for _ in range(rows)
    ]
    with store.begin() as connection:
        write_feedback(connection, [Feedback(target, observed=one) for one in seen], every=1000)


def keep(store, path):
    return CsvMirror(store, path, lambda: COLUMNS)


def export(store):
    with store.connect() as connection:
        return export_feedback(connection, COLUMNS)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "prod_data.csv"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(csv_mirror, "CHUNK", 4)


def test_without_feedback_the_file_is_empty(store, path):
    assert keep(store, path).sync() == 0
    assert path.read_bytes() == b"" == export(store)


def test_the_columns_are_those_of_the_course(store, path):
    give(store, 1)
    keep(store, path).sync()
    header, row = path.read_text().splitlines()
    assert header == "PCA_1,PCA_2,PCA_3,target,prediction"
    assert row.endswith(',7,"say, 7"')


@pytest.mark.parametrize("rows", [1, 4, 11])
def test_the_file_is_the_export_however_it_grew(store, path, rows):
    keeper = keep(store, path)
    for _ in range(3):
        give(store, rows)
        keeper.sync()
    assert path.read_bytes() == export(store)
    assert keeper.sync() == 3 * rows


def test_numbers_read_back_the_same(store, path):
    give(store, 20)
    keep(store, path).sync()
    lines = path.read_text().splitlines()[1:]
    expected = np.random.default_rng(20).normal(size=(20, 3))
    assert [[float(x) for x in line.split(",")[:3]] for line in lines] == expected.tolist()


DAMAGES = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"1,2,3,half a li"),
    "shorter": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "one byte": lambda path: path.write_bytes(path.read_bytes().replace(b"7", b"8", 1)),
    "another file": lambda path: path.write_bytes(b"a,b\n1,2\n" * 1000),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize(("restarted", "more"), [(False, 0), (True, 5)])
def test_a_damaged_file_is_healed(store, path, damage, restarted, more):
    give(store, 9)
    keeper = keep(store, path)
    keeper.sync()
    damage(path)
    give(store, more) if more else None
    (keep(store, path) if restarted else keeper).sync()
    assert path.read_bytes() == export(store)


def test_a_crash_between_file_and_store_is_healed(store, path):
    give(store, 9)
    keep(store, path).sync()
    with store.begin() as connection:  # as if the last step had not been recorded
        connection.execute(update(recorded).values(rows=4, size=300, checksum=1))
    keep(store, path).sync()
    assert path.read_bytes() == export(store)


def test_a_store_that_was_set_back_is_followed(store, path, tmp_path):
    give(store, 9)
    keep(store, path).sync()
    with store.begin() as connection:
        connection.execute(update(recorded).values(rows=99, size=9999))
    keep(store, path).sync()
    assert path.read_bytes() == export(store)


def test_two_containers_over_one_store_keep_two_files_equal(store, tmp_path):
    """The store remembers one extent; each keeper must go by its own."""
    paths = [tmp_path / name / "prod_data.csv" for name in ("one", "two")]
    keepers = [keep(store, path) for path in paths]
    for _ in range(4):
        give(store, 3)
        for keeper in keepers:
            keeper.sync()
    assert [path.read_bytes() for path in paths] == [export(store)] * 2


def correct(store, feedback_id, target):
    with store.begin() as connection:
        write_corrections(connection, [Correction(feedback_id, "x", "7", target, "admin")])


@pytest.mark.parametrize("restarted", [False, True])
def test_a_corrected_target_stands_in_the_file(store, path, restarted):
    give(store, 9)
    keeper = keep(store, path)
    keeper.sync()
    correct(store, 2, "1")
    give(store, 3)
    (keep(store, path) if restarted else keeper).sync()
    assert path.read_bytes() == export(store)
    assert path.read_text().splitlines()[2].endswith(',1,"say, 7"')


def test_a_file_is_made_anew_once_for_a_correction(store, path, monkeypatch):
    """Also where another process goes on with the file."""
    give(store, 9)
    keep(store, path).sync()
    correct(store, 2, "1")
    keep(store, path).sync()
    monkeypatch.setattr(CsvMirror, "_begin_anew", None)
    give(store, 1)
    keep(store, path).sync()
    assert path.read_bytes() == export(store)


def test_corrections_one_after_the_other_wait_for_the_next_time(store, path, monkeypatch):
    give(store, 9)
    keeper = keep(store, path)
    keeper.sync()
    monkeypatch.setattr(csv_mirror, "REST", 1e9)
    correct(store, 2, "1")
    keeper.sync()
    once = path.read_bytes()
    correct(store, 3, "1")
    keeper.sync()
    assert path.read_bytes() == once
    keep(store, path).sync()
    assert path.read_bytes() == export(store)
