"""What to check next: who is asked about what, and that nobody is asked twice."""

import numpy as np
import pytest

from pipeline.history.review import Pool, choose
from pipeline.history.review_queue import LEASE_SECONDS, give_back, lend, skip
from tests.pipeline.history.records import answer, predict


def pool(sure, vectors=None, residuals=None, others=None):
    shares = np.array([[one, 1 - one] for one in sure])
    rows = len(sure)
    vectors = np.arange(rows, dtype=float)[:, None] if vectors is None else np.array(vectors)
    residuals = np.zeros(rows) if residuals is None else np.array(residuals)
    return Pool([str(n) for n in range(rows)], vectors, shares, residuals, others)


def places(found):
    return [one.place for one in found]


@pytest.fixture
def random():
    return np.random.default_rng(0)


def test_the_least_sure_comes_first(random):
    assert places(choose(pool([0.9, 0.99, 0.52, 0.8]), 1, "unsure", random)) == [2]


def test_look_alikes_are_not_asked_about_together(random):
    vectors = [[0.0], [0.001], [0.002], [5.0]]
    found = choose(pool([0.5, 0.51, 0.52, 0.6], vectors), 2, "unsure", random)
    assert places(found) == [0, 3]


def test_the_most_unusual_comes_first(random):
    found = choose(pool([0.6] * 3, residuals=[0.1, 9.0, 0.2]), 1, "unusual", random)
    assert [(one.place, one.why) for one in found] == [(1, "unusual")]


def test_where_versions_disagree_is_asked(random):
    others = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert places(choose(pool([0.9, 0.9], others=others), 1, "disagreement", random)) == [1]


def test_one_in_ten_is_drawn_at_random(random):
    found = choose(pool(np.linspace(0.5, 1.0, 100)), 10, "mixed", random)
    assert [one.why for one in found] == ["unsure"] * 9 + ["random"]
    assert len(set(places(found))) == 10


@pytest.mark.parametrize("strategy", ["mixed", "unsure", "unusual", "disagreement", "random"])
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_of_a_few_rows_all_are_given(random, strategy, rows):
    few = pool([0.7] * rows) if rows else pool([0.7], [[0.0]])
    found = choose(few, max(rows, 1), strategy, random)
    assert sorted(places(found)) == list(range(max(rows, 1)))


def borrow(store, count, now=1_000.0, strategy="mixed"):
    with store.begin() as connection:
        random = np.random.default_rng(0)
        lent = lend(connection, "0001", "e", None, count, strategy, now, random)
    return [one.prediction.id for one in lent]


def test_two_people_never_get_the_same(store):
    ids = predict(store, count=6)
    first, second = borrow(store, 3), borrow(store, 10)
    assert len(first) == len(second) == 3
    assert sorted([*first, *second]) == sorted(ids)
    assert borrow(store, 10) == []


def test_what_was_lent_comes_back(store):
    ids = predict(store, count=2)
    borrow(store, 2)
    assert sorted(borrow(store, 2, now=1_000.0 + LEASE_SECONDS)) == sorted(ids)


def test_what_is_given_back_is_lent_again_unless_it_was_skipped(store):
    ids = predict(store, count=3)
    borrow(store, 3)
    with store.begin() as connection:
        skip(connection, ids[0])
        for number in ids[:2]:
            give_back(connection, number)
    assert borrow(store, 3) == [ids[1]]


def test_what_was_answered_or_skipped_is_not_asked_again(store):
    answered, skipped, left = predict(store, count=3)
    answer(store, answered, "7")
    with store.begin() as connection:
        skip(connection, skipped)
    assert borrow(store, 3) == [left]
    with store.begin() as connection:
        skip(connection, left)
    assert borrow(store, 3, now=9e9) == []


def test_only_the_live_version_is_asked_about(store):
    predict(store, version="0000")
    (own,) = predict(store)
    assert borrow(store, 3) == [own]
