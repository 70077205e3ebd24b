"""Going back to the parent: when live feedback proves it better, and not by chance or poison."""

import numpy as np
import pytest

from pipeline.model.scorer import load_scorer
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing
from pipeline.retraining.rollback import RollbackWatch, advise
from pipeline.store.decision_log import record_manual_activation
from tests.support.models_and_records.loops import Loop


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


def advise_on(loop, **knobs):
    wanted = loop.settings.retraining.model_copy(update=knobs)
    return RollbackWatch(loop.artifacts, loop.engine, wanted).find()


def test_a_worse_version_should_give_way_to_its_parent(loop):
    loop.artifacts.activate(loop.publish(share=0.9))
    loop.feed(40)
    found = advise_on(loop)
    assert (found.version, found.parent) == ("0002", "0001")
    assert found.reason.startswith("rolled back: on 40 rows since its promotion 0002 was right in ")
    assert found.numbers["parent"] > found.numbers["recent"]


def test_a_version_as_good_as_its_parent_stays(loop):
    loop.artifacts.activate(loop.publish())
    loop.feed(200)
    assert advise_on(loop) is None


def test_nothing_is_asked_before_there_are_enough_rows(loop):
    loop.artifacts.activate(loop.publish(share=0.9))
    loop.feed(29)
    assert advise_on(loop) is None
    loop.feed(1)
    assert advise_on(loop) is not None


def test_ten_rows_lost_of_ten_are_proof_at_the_level_and_nine_are_not(loop):
    """The sign test at 0.001: 2^-10 is below it, 2^-9 is not."""

    def lost(rows):
        right = np.full(200, "yes")
        return Pairing(right, np.where(np.arange(200) < rows, "no", right), right)

    parent = Champion(loop.artifacts.current(), None)
    assert advise("0002", parent, lost(9), None, loop.settings.retraining) is None
    assert advise("0002", parent, lost(10), None, loop.settings.retraining) is not None


def test_one_that_is_right_as_often_and_much_less_sure_should_give_way(loop):
    right, much = np.full(60, "yes"), np.random.default_rng(0).uniform(0.2, 0.4, 60)
    parent = Champion(loop.artifacts.current(), None)

    def look(squared, of_holdout=None):
        pairing = Pairing(right, right, right, squared)
        holdout = of_holdout and Pairing(right, right, right, of_holdout)
        return advise("0002", parent, pairing, holdout, loop.settings.retraining)

    assert look((much, much / 1.1)) is None
    assert "its probabilities are further off" in look((much, much / 1.5)).reason
    slightly = (much, much / 1.15)
    assert look(slightly) is None
    assert look(slightly, of_holdout=(much, much / 1.02)) is None
    assert look(slightly, of_holdout=slightly), "the holdout says so too"
    wrong = np.where(np.arange(60) < 6, "no", right)
    better = Pairing(right, right, wrong, (much, much / 1.5))
    assert advise("0002", parent, better, None, loop.settings.retraining) is None, (
        "it is right oftener"
    )


def test_what_versions_said_of_the_holdout_is_read_from_them(loop):
    def open_version(number):
        sealed = loop.artifacts.open(number)
        return Champion(sealed, load_scorer(sealed))

    holdout, parent = loop.prepared.holdout, open_version("0001")
    version = open_version(loop.publish(share=0.3))
    found = version.pair_on_holdout(parent)
    asked = version.pair_with(parent, holdout.values, holdout.targets)
    for name in ("targets", "challenger", "live"):
        assert np.array_equal(getattr(found, name), getattr(asked, name)), name
    assert np.allclose(found.squared, asked.squared, atol=1e-4)
    since_a_change = open_version(loop.publish(learned_since=7))
    assert since_a_change.pair_on_holdout(parent) is None, "the holdout is of before"


def test_rows_that_the_live_version_was_trained_on_do_not_count(loop):
    loop.feed(40)
    loop.artifacts.activate(loop.publish(share=0.9, production_through=40))
    assert advise_on(loop) is None


def test_wrong_labels_are_no_reason_to_go_back_to_a_worse_version(loop):
    """Flipped feedback agrees with the version that errs more."""
    worse = loop.publish(share=0.4)
    loop.artifacts.activate(worse)
    loop.artifacts.activate(loop.publish(parent=worse))
    loop.feed(200, flipped=1.0)
    assert advise_on(loop) is None


def test_the_first_version_has_nothing_to_go_back_to(loop):
    loop.feed(40, flipped=1.0)
    assert advise_on(loop) is None


def test_a_parent_that_cannot_be_read_is_no_way_back(loop):
    loop.artifacts.activate(loop.publish(share=0.9))
    (loop.artifacts.place.versions / "0001" / "model.onnx").write_bytes(b"damaged")
    loop.feed(40)
    assert advise_on(loop) is None


@pytest.mark.parametrize(
    ("version", "live_history", "state"),
    [("0001", ["0002", "0001"], "rolled back"), ("0003", ["0002"], "promoted")],
)
def test_what_is_put_live_by_hand_is_on_record(loop, version, live_history, state):
    loop.feed(3)
    with loop.engine.begin() as connection:
        record_manual_activation(connection, version, live_history)
    row = loop.decisions()[0]
    assert (row["state"], row["trigger"], row["numbers"]) == (state, "by hand", {"rows": 3})
    assert row["reason"] == f"{state}: {version} was put live by hand, before it was 0002"


def test_what_is_live_already_is_no_decision(loop):
    with loop.engine.begin() as connection:
        record_manual_activation(connection, "0001", ["0001"])
    assert loop.decisions() == []
