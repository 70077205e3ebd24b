"""The worker: what it does with a job, with a version that does worse, and with its own end."""

import time

import pytest
from sqlalchemy import update

from pipeline.retraining.rollback import RollbackWatch
from pipeline.store.decision_log import (
    FAILED,
    PROMOTED,
    REJECTED,
    ROLLED_BACK,
    SHADOWED,
    Decision,
)
from pipeline.store.records import StoreUnavailable
from pipeline.store.retraining_queue import claim, finish, report_progress
from pipeline.store.tables import retrainings
from scripts.retraining import worker as module
from scripts.retraining.training_process import TrainingFailed, TrainingPostponed
from scripts.retraining.worker import Stopped, TrainingWorker
from scripts.trainer import look
from tests.support.models_and_records.loops import Loop


class FakeChild:
    """A training that ends at once, as it is told to; `while_training` happens meanwhile."""

    def __init__(self, outcome, while_training=lambda: None):
        self._outcome = outcome
        self._while_training = while_training
        self.started = 0

    def __call__(self, wanted, trigger, foreign_model=None):
        self.started += 1
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def progress(self):
        yield "training", 0.3
        self._while_training()
        yield "judging", 0.9

    def decision(self):
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


@pytest.fixture
def step(loop, monkeypatch):
    """Let a worker do what is due, with a training that ends as given."""

    def work(outcome=None, while_training=lambda: None, **knobs):
        child = FakeChild(outcome, while_training)
        monkeypatch.setattr(module, "TrainingProcess", child)
        retraining = loop.settings.retraining.model_copy(update=knobs)
        settings = loop.settings.model_copy(update={"retraining": retraining})
        found = TrainingWorker(settings, loop.artifacts, loop.engine).step()
        assert found or not child.started
        return child.started

    return work


def expire(loop):
    with loop.engine.begin() as connection:
        connection.execute(update(retrainings).values(lease_until=time.time() - 1))


def due(loop):
    with loop.engine.begin() as connection:
        connection.execute(update(retrainings).values(not_before=0.0))


def test_without_work_nothing_is_trained(step):
    assert step() == 0


def test_a_promoted_challenger_goes_live_and_is_on_record(loop, step):
    loop.request()
    version = loop.publish()
    step(Decision(PROMOTED, "promoted: better", version, "0001", {"recent": 0.9}))
    assert loop.live == version
    row = loop.decisions()[0]
    assert (row["state"], row["version"], row["numbers"]) == (PROMOTED, version, {"recent": 0.9})


def test_a_rejected_challenger_stays_aside(loop, step):
    loop.request()
    version = loop.publish()
    step(Decision(REJECTED, "rejected: worse", version, "0001"))
    assert loop.live == "0001"
    assert loop.decisions()[0]["reason"] == "rejected: worse"


def test_a_training_without_its_cluster_waits_and_counts_no_attempt(loop, step):
    loop.request()
    for _ in range(5):
        step(TrainingPostponed("the scheduler is away"), attempts=2)
        row = loop.decisions()[0]
        assert (row["state"], row["reason"]) == ("queued", "the scheduler is away")
        assert step() == 0, "not before backoff_seconds"
        due(loop)


def test_a_training_that_fails_is_tried_again_later_and_at_last_has_failed(loop, step):
    loop.request()
    pauses = []
    for _ in range(3):
        due(loop)
        begun = time.time()
        assert step(TrainingFailed("no memory"), attempts=3, backoff_seconds=40) == 1
        pauses.append(not_before(loop) - begun)
    assert pauses[:2] == [pytest.approx(40, abs=20), pytest.approx(80, abs=20)]
    row = loop.decisions()[0]
    assert (row["state"], row["reason"]) == (FAILED, "failed after 3 attempts: no memory")
    due(loop)
    assert step() == 0


def not_before(loop):
    with loop.engine.connect() as connection:
        return connection.scalar(retrainings.select().with_only_columns(retrainings.c.not_before))


def test_between_two_attempts_a_job_waits(loop, step):
    loop.request()
    step(TrainingFailed("no memory"), backoff_seconds=40)
    assert step() == 0
    row = loop.decisions()[0]
    assert (row["state"], row["reason"], row["attempts"]) == ("queued", "no memory", 1)


def test_a_worker_that_lost_its_lease_puts_nothing_live(loop, step):
    """It hung for longer than the lease; another has taken the job over meanwhile."""
    loop.request()
    version = loop.publish()

    def take_over():
        expire(loop)
        with loop.engine.begin() as connection:
            assert claim(connection, "another", 30) is not None

    step(Decision(PROMOTED, "promoted: better", version, "0001"), take_over)
    assert loop.live == "0001"
    assert loop.decisions()[0]["state"] == "running"


def test_what_went_live_but_was_not_written_down_is_written_down(loop, step):
    """The first worker was killed between the two."""
    loop.request()
    version = loop.publish()
    with loop.engine.begin() as connection:
        job = claim(connection, "killed", 30)
        report_progress(connection, job, "killed", 30, "going live", 0.99, version)
    loop.artifacts.activate(version)
    expire(loop)
    assert step() == 0
    row = loop.decisions()[0]
    assert (row["state"], row["version"], row["parent"]) == (PROMOTED, version, "0001")
    assert row["reason"] == "promoted: for a test (the trainer was restarted)"
    assert row["numbers"] == {"recent": 0.9}


def test_what_was_to_go_live_but_did_not_is_trained_anew(loop, step):
    """The first worker was killed just before it."""
    loop.request()
    version = loop.publish()
    with loop.engine.begin() as connection:
        job = claim(connection, "killed", 30)
        report_progress(connection, job, "killed", 30, "going live", 0.99, version)
    expire(loop)
    assert step(Decision(REJECTED, "rejected: worse", version, "0001")) == 1
    assert loop.live == "0001"


def test_a_worker_that_is_asked_to_end_gives_its_job_back(loop, step):
    loop.request()

    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        step(None, stop)
    row = loop.decisions()[0]
    assert (row["state"], row["reason"]) == ("queued", "the trainer was stopped")
    assert step(Decision(REJECTED, "rejected: worse")) == 1


def test_a_worker_that_is_asked_to_end_when_it_has_just_decided_ends(loop, step, monkeypatch):
    """The job was not its own any more, and the trainer went on, deaf to further signals."""
    loop.request()

    def stop_after(connection, job, owner, decision):
        finish(connection, job, owner, decision)
        connection.commit()
        raise Stopped

    monkeypatch.setattr(module, "finish", stop_after)
    with pytest.raises(Stopped):
        step(Decision(REJECTED, "rejected: worse"))
    assert loop.decisions()[0]["state"] == "rejected"


def test_the_clock_asks_for_a_retraining_when_none_was_for_long_enough(loop, step):
    assert step(schedule_hours=0) == 0
    assert step(Decision(REJECTED, "rejected: worse"), schedule_hours=24) == 1
    assert loop.decisions()[0]["trigger"] == "schedule, every 24 h"
    assert step(schedule_hours=24) == 0
    with loop.engine.begin() as connection:
        connection.execute(update(retrainings).values(requested_at=time.time() - 25 * 3600))
    assert step(Decision(REJECTED, "rejected: worse"), schedule_hours=24) == 1


def test_a_version_that_does_worse_than_its_parent_is_rolled_back(loop, step):
    loop.artifacts.activate(loop.publish(share=0.9))
    loop.feed(40)
    step()
    assert loop.live == "0001"
    row = loop.decisions()[0]
    assert (row["state"], row["trigger"]) == (ROLLED_BACK, "quality on live feedback")
    assert (row["version"], row["parent"], row["numbers"]["rows"]) == ("0001", "0002", 40)


def test_what_was_rolled_back_is_not_promoted_again_at_once(loop, step):
    loop.artifacts.activate(loop.publish(share=0.9))
    loop.feed(40)
    step()
    assert loop.retrain().reason.endswith("are needed before anything is promoted again")


def test_while_a_challenger_trains_the_live_version_is_still_watched(loop, step, monkeypatch):
    monkeypatch.setattr(module, "WATCH_SECONDS", 0.0)
    worse = loop.publish(share=0.9)
    loop.artifacts.activate(worse)
    loop.request()
    challenger = loop.publish()
    step(Decision(PROMOTED, "promoted: better", challenger, worse), lambda: loop.feed(40))
    assert loop.live == "0001"
    states = {row["trigger"]: row["state"] for row in loop.decisions()}
    assert states == {"quality on live feedback": ROLLED_BACK, "by hand": "queued"}


def test_a_challenger_replaces_no_other_version_than_the_one_it_was_judged_against(loop, step):
    """Somebody went back by hand while it was trained."""
    loop.artifacts.activate(loop.publish())
    loop.request()
    challenger = loop.publish()
    decision = Decision(PROMOTED, "promoted: better", challenger, "0002")
    step(decision, lambda: loop.artifacts.activate("0001"))
    assert loop.live == "0001"
    row = loop.decisions()[0]
    assert row["state"] == "queued"
    assert row["reason"] == "it was judged against 0002, meanwhile 0001 is live"


def test_of_two_workers_one_rolls_back(loop, step, monkeypatch):
    """Both have seen the same rows; the second comes too late."""
    loop.artifacts.activate(loop.publish(share=0.9))
    loop.feed(40)
    seen = RollbackWatch(loop.artifacts, loop.engine, loop.settings.retraining).find()
    step()
    monkeypatch.setattr(RollbackWatch, "find", lambda _: seen)
    step()
    assert len(loop.decisions()) == 1


def test_the_rollback_can_be_switched_off(loop, step):
    loop.artifacts.activate(loop.publish(share=0.9))
    loop.feed(40)
    step(rollback=False)
    assert loop.live == "0002"


def test_a_lease_that_is_lost_while_a_job_is_given_back_ends_no_trainer(loop, step):
    loop.request()

    def lose():
        expire(loop)
        with loop.engine.begin() as connection:
            assert claim(connection, "another", 30) is not None
        raise TrainingFailed("no memory")

    step(None, lose)
    assert loop.decisions()[0]["state"] == "running"


def test_a_trouble_with_the_store_is_waited_out_and_a_stop_is_no_trouble():
    def away():
        raise StoreUnavailable("it is away")

    def stop():
        raise Stopped

    assert look(away) > look(lambda: False) > look(lambda: True) == 0
    with pytest.raises(Stopped):
        look(stop)


def test_a_challenger_in_shadow_goes_live_when_labels_have_come(loop, step):
    loop.request()
    version = loop.publish()
    step(Decision(SHADOWED, "in shadow until 40 labelled rows have come", version, "0001"))
    assert loop.live == "0001"
    loop.feed(40)
    step(shadow_rows=40)
    assert loop.live == version
    newest, shadowed = loop.decisions()[:2]
    assert (newest["state"], newest["version"], newest["trigger"]) == (
        PROMOTED,
        version,
        "labels in shadow",
    )
    assert shadowed["state"] == SHADOWED


def test_a_challenger_that_fails_in_shadow_stays_aside_and_is_judged_once(loop, step):
    loop.request()
    version = loop.publish(share=0.9)
    step(Decision(SHADOWED, "in shadow until 40 labelled rows have come", version, "0001"))
    loop.feed(40)
    for _ in range(2):
        step(shadow_rows=40)
        loop.feed(1)
    assert loop.live == "0001"
    assert [row["state"] for row in loop.decisions()] == [REJECTED, SHADOWED]
