"""What is on record about a subject is found, and forgotten everywhere."""

import numpy as np
import pytest
from sqlalchemy import select

from pipeline.history.curves import read_history
from pipeline.history.prediction_search import Wanted, find_prediction, search_predictions
from pipeline.history.subjects import erase_rows, ids_of, latest_of, note_subjects
from pipeline.history.sums import HistoryKeeper
from pipeline.production import csv_mirror
from pipeline.production.csv_mirror import CsvMirror, export_feedback
from pipeline.production.production_rows import read_production_rows
from pipeline.store.corrections import not_erased
from pipeline.store.tables import corrections, feedback, predictions, subjects
from tests.pipeline.history.records import answer, predict

COLUMNS = ("PCA_1", "PCA_2")


@pytest.fixture
def known(store):
    """Three predictions, all answered, the last corrected; the middle and last are about `A`."""
    ids = [predict(store, at=1_000.0 + n, vector=(float(n), 0.5))[0] for n in range(3)]
    for number in ids:
        answer(store, number, "1")
    answer(store, ids[2], "7", by="admin")
    with store.begin() as connection:
        for number, subject in zip(ids, "BAA", strict=True):
            note_subjects(connection, {number: subject})
    return ids


def erase(store, subject="A"):
    with store.begin() as connection:
        return erase_rows(connection, set(connection.scalars(ids_of(subject))), (), "admin")


def test_it_is_found_by_its_subject(store, known):
    with store.connect() as connection:
        found = search_predictions(connection, Wanted(subject="A"), 10).predictions
        assert latest_of(connection, "A") == known[2]
        assert latest_of(connection, "C") is None
        assert find_prediction(connection, known[1]).subject == "A"
    assert [one.id for one in found] == [known[2], known[1]]


def test_nothing_of_it_is_left_in_the_records(store, known):
    erased = erase(store)
    assert (erased.predictions, erased.answers) == (2, 2)
    with store.connect() as connection:
        assert list(connection.scalars(select(predictions.c.id))) == [known[0]]
        assert list(connection.scalars(select(subjects.c.subject))) == ["B"]
        rows = connection.execute(select(feedback).order_by(feedback.c.seq)).all()
        changes = connection.execute(select(corrections)).all()
    assert [row.seq for row in rows] == [1, 2, 3]
    for row in rows[1:]:
        assert (row.target, row.prediction, row.vector, row.prediction_id) == ("", "", b"", None)
    assert {(change.before, change.after) for change in changes} == {("", "")}


def test_the_next_training_does_not_see_it(store, known):
    erase(store)
    rows = read_production_rows(store, "e")
    assert rows.seqs.tolist() == [1]
    assert rows.values.tolist() == [[0.0, 0.5]]


def test_the_file_of_the_course_follows(store, known, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_mirror, "REST", 0)
    keeper = CsvMirror(store, tmp_path / "prod_data.csv", lambda: COLUMNS)
    keeper.sync()
    erase(store)
    keeper.sync()
    assert (tmp_path / "prod_data.csv").read_text().splitlines() == [
        "PCA_1,PCA_2,target,prediction",
        "0.0,0.5,1,7",
    ]
    with store.connect() as connection:
        assert export_feedback(connection, COLUMNS) == (tmp_path / "prod_data.csv").read_bytes()
    (fourth,) = predict(store, vector=(9.0, 9.0))
    answer(store, fourth, "7")
    assert keeper.sync() == 4


@pytest.mark.parametrize("summed", [False, True])
def test_curves_keep_their_numbers_and_take_no_erased_row(store, known, summed):
    keeper = HistoryKeeper(store, lambda _version: None)
    if summed:
        while keeper.update():
            pass
        keeper.update()
        while keeper.update():
            pass
    erase(store)
    for _ in range(3):
        keeper.update()
    with store.connect() as connection:
        found = read_history(connection, 0, 10_000, "day")
    assert found.total.labelled == (3 if summed else 1)
    assert set(found.labels) <= {"1", "7"}


def test_an_erased_prediction_takes_no_answer_and_a_new_one_does(store, known):
    erase(store)
    assert answer(store, known[1], "7") == "unknown"
    assert erase(store).predictions == 0
    with store.connect() as connection:
        assert len(connection.execute(select(feedback).where(not_erased())).all()) == 1


def test_what_is_read_for_training_has_whole_vectors(store, known):
    erase(store)
    assert np.isfinite(read_production_rows(store, "e").values).all()
