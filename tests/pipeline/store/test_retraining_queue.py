"""The queue: one retraining at a time, none lost with its worker, every decision on record."""

import threading
import time

import pytest
from sqlalchemy import select, update

from pipeline.store.decision_log import (
    FAILED,
    PROMOTED,
    REJECTED,
    ROLLED_BACK,
    SUPERSEDED,
    Decision,
    last_requested_at,
    latest,
    record_decision,
)
from pipeline.store.feedback_log import request_retraining
from pipeline.store.retraining_queue import (
    LeaseLost,
    claim,
    finish,
    put_back,
    report_progress,
    request_for_alert,
    requeue,
)
from pipeline.store.tables import retrainings

LEASE = 30.0
DONE = Decision(REJECTED, "rejected: worse", "0002", "0001", {"recent": 0.8})


def request(store, **options):
    with store.begin() as connection:
        return request_retraining(connection, "by hand", **options)


def take(store, owner="one", lease=LEASE):
    with store.begin() as connection:
        return claim(connection, owner, lease)


def end(store, job, owner="one", decision=DONE):
    with store.begin() as connection:
        finish(connection, job, owner, decision)


def shown(store, limit=50):
    with store.connect() as connection:
        return latest(connection, limit)


def expire(store, job):
    """As if its worker had been silent for longer than the lease."""
    with store.begin() as connection:
        here = retrainings.c.id == job.id
        connection.execute(update(retrainings).where(here).values(lease_until=time.time() - 1))


def test_without_a_request_there_is_nothing_to_claim(store):
    assert take(store) is None


def test_a_job_is_claimed_once(store):
    request(store)
    job = take(store)
    assert (job.trigger, job.attempts) == ("by hand", 1)
    assert take(store, "two") is None


def test_while_one_job_runs_no_other_is_claimed(store):
    first, second = request(store), request(store)
    running = take(store)
    assert take(store, "two") is None
    end(store, running)
    assert {running.id, take(store, "two").id} == {first, second}


def test_of_many_workers_at_once_one_wins(store):
    request(store)
    won, start = [], threading.Barrier(8)

    def work(owner):
        start.wait()
        won.append(take(store, owner))

    workers = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len([job for job in won if job is not None]) == 1


def test_the_job_of_a_silent_worker_is_taken_over(store):
    request(store)
    lost = take(store)
    expire(store, lost)
    found = take(store, "two")
    assert (found.id, found.attempts) == (lost.id, 2)


def test_what_was_left_running_comes_before_what_waits(store):
    request(store)
    lost = take(store)
    request(store)
    expire(store, lost)
    assert take(store, "two").id == lost.id


def test_a_worker_that_lost_its_job_may_not_decide_it(store):
    request(store)
    lost = take(store)
    expire(store, lost)
    found = take(store, "two")
    with pytest.raises(LeaseLost, match="taken over by another worker"):
        end(store, lost)
    with pytest.raises(LeaseLost), store.begin() as connection:
        report_progress(connection, lost, "one", LEASE, "training", 0.5)
    end(store, found, "two", Decision(PROMOTED, "promoted"))
    assert shown(store)[0]["state"] == PROMOTED


def test_progress_renews_the_lease_and_is_shown(store):
    request(store)
    job = take(store)
    expire(store, job)
    with store.begin() as connection:
        report_progress(connection, job, "one", LEASE, "training", 0.5, "0002")
    assert take(store, "two") is None
    row = shown(store)[0]
    assert (row["state"], row["stage"], row["progress"]) == ("running", "training", 0.5)
    assert row["version"] == "0002"


def test_a_job_that_failed_waits_before_its_next_attempt(store):
    request(store)
    job = take(store)
    with store.begin() as connection:
        requeue(connection, job, "one", "no memory", time.time() + 60)
    assert take(store) is None
    assert (shown(store)[0]["state"], shown(store)[0]["reason"]) == ("queued", "no memory")
    with store.begin() as connection:
        connection.execute(update(retrainings).values(not_before=time.time() - 1))
    assert take(store).attempts == 2


def test_the_latest_count_supersedes_those_that_still_wait(store):
    ids = [request(store, every=50, bucket=bucket) for bucket in (1, 2, 3)]
    job = take(store)
    assert job.id == ids[-1]
    assert [row["state"] for row in shown(store)] == ["running", SUPERSEDED, SUPERSEDED]
    assert shown(store)[1]["reason"] == (
        f"superseded by retraining {job.id}, which trains on the same rows and later ones"
    )
    end(store, job)
    assert take(store) is None


def test_what_people_ask_for_comes_first_and_is_never_superseded(store):
    by_hand = request(store)
    counted = request(store, every=50, bucket=1)
    first = take(store)
    assert first.id == by_hand
    again = request(store)
    end(store, first)
    assert take(store).id == again
    assert shown(store)[1]["id"] == counted
    assert shown(store)[1]["state"] == "queued"


def test_a_decision_is_shown_with_its_reason_and_numbers(store):
    request(store)
    end(store, take(store))
    row = shown(store)[0]
    assert (row["state"], row["reason"]) == (REJECTED, "rejected: worse")
    assert (row["version"], row["parent"], row["numbers"]) == ("0002", "0001", {"recent": 0.8})
    assert (row["stage"], row["progress"]) == ("done", 1.0)
    assert row["requested_at"] <= row["started_at"] <= row["finished_at"]


def test_the_newest_decisions_come_first_and_no_more_than_asked_for(store):
    ids = [request(store) for _ in range(4)]
    assert [row["id"] for row in shown(store, limit=3)] == ids[:0:-1]


def test_a_decision_that_nobody_queued_is_on_record_too(store):
    with store.begin() as connection:
        decision = Decision(ROLLED_BACK, "rolled back: worse", "0001", "0002", {"rows": 7})
        record_decision(connection, "quality on live feedback", decision)
    row = shown(store)[0]
    assert (row["state"], row["trigger"]) == (ROLLED_BACK, "quality on live feedback")
    assert take(store) is None


def test_an_alert_is_heard_once(store):
    with store.begin() as connection:
        job, reason = request_for_alert(connection, "alert Drift", "key", since=0.0)
    assert (job, reason) == (shown(store)[0]["id"], "queued")
    end(store, take(store), decision=Decision(FAILED, "failed"))
    with store.begin() as connection:
        again = request_for_alert(connection, "alert Drift", "key", since=time.time() + 1)
    assert again == (None, "this alert was heard before")


def test_another_alert_within_the_cooldown_queues_nothing(store):
    with store.begin() as connection:
        request_for_alert(connection, "alert Drift", "one", since=0.0)
        soon = request_for_alert(connection, "alert Quality", "two", since=time.time() - 60)
        later = request_for_alert(connection, "alert Quality", "two", since=time.time() + 60)
    assert soon == (None, "another alert asked for a retraining a short while ago")
    assert later == (shown(store)[0]["id"], "queued")


def test_when_a_retraining_was_last_asked_for_is_known(store):
    with store.connect() as connection:
        assert last_requested_at(connection) is None
    request(store)
    with store.connect() as connection:
        assert last_requested_at(connection) == pytest.approx(time.time(), abs=30)
        assert connection.scalar(select(retrainings.c.attempts)) == 0


def test_a_job_that_kills_its_workers_is_given_up(store):
    """It was claimed again and again, and nothing else ever ran."""
    request(store)
    for attempt in (1, 2, 3):
        job = take(store)
        assert job.attempts == attempt
        expire(store, job)
    assert take(store) is None
    row = shown(store)[0]
    assert (row["state"], row["attempts"]) == ("failed", 3)
    assert "ended without a word, 3 times" in row["reason"]


def test_what_was_going_live_is_looked_at_once_more(store):
    request(store)
    for _ in range(3):
        job = take(store)
        expire(store, job)
    with store.begin() as connection:
        connection.execute(update(retrainings).values(version="0002"))
    assert take(store).version == "0002"


def test_what_is_put_back_has_used_no_attempt(store):
    request(store)
    for _ in range(5):
        job = take(store)
        with store.begin() as connection:
            put_back(connection, job, "one", "the trainer was stopped", time.time())
    assert job.attempts == 1
