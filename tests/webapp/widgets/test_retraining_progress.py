"""Which retraining is followed, and until when; by a client written by hand."""

from dataclasses import replace

import pytest

from webapp.client.responses import Loop, Retraining
from webapp.session import Session
from webapp.widgets.retraining_progress import _follow

JOB = Retraining(7, "running", "training", 0.4, "50 rows", "count", None, "", {}, 0.0, None)


class FakeClient:
    def __init__(self, version="0001", older=None):
        self.version, self.older = version, older

    def model(self):
        return {"version": self.version}

    def retraining(self, wanted):
        return self.older


def follow(client, *retrainings, followed=7):
    visit = Session(followed=followed)
    _follow(client, visit, Loop(50, 50, retrainings), followed)
    return visit


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_retraining_on_its_way_is_followed(state):
    assert follow(FakeClient(), replace(JOB, state=state)).followed == 7


def test_a_promotion_is_over_when_the_new_version_answers():
    job = replace(JOB, state="promoted", version="0002")
    assert follow(FakeClient("0001"), job).followed == 7
    done = follow(FakeClient("0002"), job)
    assert (done.followed, done.outcome) == (None, job)


def test_a_promotion_that_another_one_overtook_is_over_too():
    job = replace(JOB, state="promoted", version="0002")
    later = replace(JOB, id=8, state="rolled back", version="0001")
    assert follow(FakeClient("0001"), later, job).followed is None


@pytest.mark.parametrize("state", ["rejected", "failed"])
def test_any_other_decision_ends_it(state):
    job = replace(JOB, state=state)
    assert follow(FakeClient(), job).outcome == job


def test_what_superseded_it_is_followed_instead():
    job, next_one = replace(JOB, state="superseded"), replace(JOB, id=8)
    assert follow(FakeClient(), next_one, job).followed == 8


def test_what_is_no_longer_listed_is_looked_up():
    job = replace(JOB, state="rejected")
    assert follow(FakeClient(older=job)).outcome == job


def test_the_one_that_runs_comes_before_those_that_wait():
    waiting = replace(JOB, id=9, state="queued")
    assert Loop(50, 50, (waiting, JOB)).active == JOB
