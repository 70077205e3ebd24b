"""Which versions are offered to be put live, in which order and with what against them."""

import time

import pytest

from webapp.client.responses import Retraining
from webapp.model_page.other_versions import list_others

REJECTED = "rejected: on 9 recent rows it alone is right on 1, the live version alone on 5"


def version(number, decision="", **more):
    return {"version": number, "live": False, "decision": decision, **more}


def decided(number, state, reason):
    now = time.time()
    return Retraining(1, state, "", 1.0, "by hand", "", number, reason, {}, now, now)


def test_rejected_versions_are_last_and_say_why():
    found = list_others(
        [version("0004", REJECTED), version("0003", "promoted: better"), version("0002")], []
    )
    assert [one.title for one in found] == ["0003", "0002", "0004 \u00b7 rejected"]
    assert found[-1].why.startswith("On 9 recent rows it alone is right on 1")


@pytest.mark.parametrize(
    ("state", "reason", "title"),
    [
        ("rolled back", "rolled back: on 90 rows since", "0003 \u00b7 rolled back"),
        ("promoted", "better", "0003"),
        ("promoted", "0003 was put live by hand, before it was 0002", "0003 \u00b7 rejected"),
    ],
)
def test_what_was_decided_last_counts(state, reason, title):
    found = list_others([version("0003", REJECTED)], [decided("0003", state, reason)])
    assert [one.title for one in found] == [title]


def test_the_live_version_and_damaged_ones_are_not_offered():
    assert not list_others([{"version": "0001", "live": True}, version("0002", refused="x")], [])
