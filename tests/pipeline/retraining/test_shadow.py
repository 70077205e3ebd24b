"""A challenger in shadow goes live when it does no worse on rows to come, and not before."""

import pytest

from pipeline.retraining.shadow import ShadowWatch, in_shadow
from pipeline.store.decision_log import (
    PROMOTED,
    REJECTED,
    SHADOWED,
    Decision,
    record_decision,
    record_manual_activation,
)
from tests.support.models_and_records.loops import Loop

ROWS = 40


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


def record(loop, state, version, parent="0001"):
    with loop.engine.begin() as connection:
        record_decision(connection, "by hand", Decision(state, f"{state}: x", version, parent))


def shadow(loop, share=0.0, **facts):
    version = loop.publish(share=share, **facts)
    record(loop, SHADOWED, version)
    return version


def found(loop):
    wanted = loop.settings.retraining.model_copy(update={"shadow_rows": ROWS})
    return ShadowWatch(loop.artifacts, loop.engine, wanted).find()


def test_nothing_is_decided_before_there_are_enough_labels(loop):
    shadow(loop)
    loop.feed(ROWS - 1)
    assert found(loop) is None
    loop.feed(1)
    assert found(loop) is not None


def test_one_that_does_no_worse_is_promoted(loop):
    version = shadow(loop)
    loop.feed(ROWS)
    decision = found(loop)
    assert (decision.state, decision.version, decision.parent) == (PROMOTED, version, "0001")
    assert decision.reason.startswith(f"promoted: on {ROWS} rows in shadow it alone is right on ")
    assert decision.numbers["shadow_rows"] == ROWS
    assert decision.numbers["shadow"] > 0.8


def test_one_that_does_worse_is_rejected(loop):
    shadow(loop, share=0.9)
    loop.feed(ROWS)
    decision = found(loop)
    assert decision.state == REJECTED
    assert decision.numbers["shadow"] < decision.numbers["live_shadow"]


def test_rows_that_it_was_trained_on_do_not_count(loop):
    loop.feed(ROWS)
    shadow(loop, production_through=ROWS)
    assert found(loop) is None
    loop.feed(ROWS)
    assert found(loop) is not None


def test_of_several_the_oldest_is_judged_first(loop):
    first, second = shadow(loop), shadow(loop)
    loop.feed(ROWS)
    assert found(loop).version == first
    record(loop, REJECTED, first)
    assert found(loop).version == second


def test_where_another_version_went_live_meanwhile_it_leaves_the_shadow(loop):
    version = shadow(loop)
    loop.artifacts.activate(loop.publish())
    decision = found(loop)
    assert (decision.state, decision.version) == (REJECTED, version)
    assert decision.reason == f"rejected: {version} was in shadow, 0003 went live meanwhile"


def test_one_that_is_put_live_by_hand_is_in_shadow_no_more(loop):
    version = shadow(loop)
    with loop.engine.begin() as connection:
        record_manual_activation(connection, version, loop.artifacts.live_history())
        assert list(in_shadow(connection)) == []


def test_one_that_is_no_longer_kept_leaves_the_shadow(loop):
    record(loop, SHADOWED, "0099")
    assert found(loop).reason == "rejected: 0099 was in shadow, it is no longer kept"


def test_what_passes_the_gate_goes_into_shadow_where_that_is_wanted(loop):
    wanted = loop.settings.retraining.model_copy(update={"shadow_rows": ROWS})
    loop.settings = loop.settings.model_copy(update={"retraining": wanted})
    loop.feed(60)
    decision = loop.retrain()
    assert decision.state == SHADOWED
    assert decision.reason.startswith(f"in shadow until {ROWS} labelled rows have come: ")
    assert loop.live == "0001"
