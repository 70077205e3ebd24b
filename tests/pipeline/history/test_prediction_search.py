"""The search for predictions on record."""

import pytest

from pipeline.history import prediction_search
from pipeline.history.prediction_search import (
    Wanted,
    find_neighbours,
    find_prediction,
    search_predictions,
)
from pipeline.store.corrections import corrections_of
from tests.pipeline.history.records import answer, predict


@pytest.fixture
def known(store):
    """Six predictions, the oldest first: what they are called, and their ids."""
    made = {
        "old": predict(store, "1", at=1_000.0),
        "unsure": predict(store, "1", sure=0.55, at=2_000.0),
        "other version": predict(store, "1", at=3_000.0, version="0002"),
        "right": predict(store, "7", at=4_000.0),
        "wrong": predict(store, "7", at=5_000.0),
        "corrected": predict(store, "7", at=6_000.0),
    }
    found = {name: ids[0] for name, ids in made.items()}
    answer(store, found["right"], "7")
    answer(store, found["wrong"], "1")
    answer(store, found["corrected"], "1")
    answer(store, found["corrected"], "7", by="admin")
    return found


def search(store, limit=50, **wanted):
    with store.connect() as connection:
        return search_predictions(connection, Wanted(**wanted), limit)


WANTED = [
    ({}, ["corrected", "wrong", "right", "other version", "unsure", "old"]),
    ({"label": "1"}, ["other version", "unsure", "old"]),
    ({"version": "0002"}, ["other version"]),
    ({"most_confidence": 0.6}, ["unsure"]),
    ({"least_confidence": 0.6, "label": "1"}, ["other version", "old"]),
    ({"begin": 1_500.0, "end": 4_000.0}, ["other version", "unsure"]),
    ({"answered": "without"}, ["other version", "unsure", "old"]),
    ({"answered": "with"}, ["corrected", "wrong", "right"]),
    ({"answered": "right"}, ["corrected", "right"]),
    ({"answered": "wrong"}, ["wrong"]),
]


@pytest.mark.parametrize(("wanted", "names"), WANTED, ids=[str(one) for one, _ in WANTED])
def test_what_is_wanted_is_found_newest_first(store, known, wanted, names):
    found = search(store, **wanted).predictions
    assert [one.id for one in found] == [known[name] for name in names]


def test_a_cursor_leads_through_all(store, known):
    seen, cursor = [], None
    while True:
        page = search(store, limit=2, before=cursor)
        seen += [one.id for one in page.predictions]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(known.values(), reverse=True)


def test_a_search_ends_early_and_says_where_to_go_on(store, known, monkeypatch):
    monkeypatch.setattr(prediction_search, "MOST_LOOKED_AT", 2)
    page = search(store, label="1")
    assert (page.predictions, page.next) == ([], known["wrong"])
    assert (
        search(store, label="1", before=known["other version"]).predictions[0].id == known["unsure"]
    )


def test_a_prediction_is_found_with_its_answer_and_what_it_was(store, known):
    with store.connect() as connection:
        row = find_prediction(connection, known["corrected"])
        (change,) = corrections_of(connection, row.feedback_id)
        assert find_prediction(connection, "unheard") is None
    assert (row.prediction, row.target) == ("7", "7")
    assert (change["before"], change["after"], change["actor"]) == ("1", "7", "admin")


def test_the_nearest_labelled_rows_come_first_and_never_itself(store):
    ids = [predict(store, at=1.0 + n, vector=(float(n), 0.0))[0] for n in range(4)]
    for number in ids:
        answer(store, number, "7")
    with store.connect() as connection:
        found = find_neighbours(connection, find_prediction(connection, ids[0]), 2)
    assert [one.prediction_id for one in found] == [ids[1], ids[2]]
    assert [one.distance for one in found] == [1.0, 2.0]
