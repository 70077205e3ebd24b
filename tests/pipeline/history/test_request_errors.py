"""Requests without an answer, summed by minute, hour and day from several workers."""

from concurrent.futures import ThreadPoolExecutor

from pipeline.history.request_errors import (
    ErrorPoint,
    Errors,
    add_errors,
    prune_errors,
    read_errors,
)

NOON = 1_790_000_000 // 86_400 * 86_400 + 43_200


def add(store, minute, refused=0, failed=0):
    with store.begin() as connection:
        add_errors(connection, Errors({(minute, False): refused, (minute, True): failed}))


def read(store, step, begin=NOON - 86_400, end=NOON + 86_400):
    with store.connect() as connection:
        return read_errors(connection, begin, end, step)


def test_each_step_has_the_sum_of_its_minutes(store):
    add(store, NOON, refused=2)
    add(store, NOON + 60, refused=1, failed=4)
    add(store, NOON + 60, failed=1)
    assert read(store, "minute") == [ErrorPoint(NOON, 2, 0), ErrorPoint(NOON + 60, 1, 5)]
    assert read(store, "hour") == [ErrorPoint(NOON, 3, 5)]
    assert [(one.refused, one.failed) for one in read(store, "day")] == [(3, 5)]


def test_workers_add_at_the_same_time(store):
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: add(store, NOON, refused=1), range(40)))
    assert read(store, "hour") == [ErrorPoint(NOON, 40, 0)]


def test_fine_sums_are_forgotten_and_days_are_kept(store):
    add(store, NOON, failed=1)
    with store.begin() as connection:
        prune_errors(connection, NOON + 200 * 86_400)
    assert [len(read(store, step)) for step in ("minute", "hour", "day")] == [0, 0, 1]
