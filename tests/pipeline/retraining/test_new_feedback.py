"""What new feedback that fails data tests does to a retraining: warn, block and off."""

import pytest

from pipeline.store.decision_log import PROMOTED, REJECTED, last_data_tests_failed, record_decision
from tests.support.models_and_records.loops import Loop, give_feedback

ROWS = 60


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


def without_first(row):
    return [None, *row[1:]]


def with_mode(loop, mode):
    wanted = loop.settings.retraining.model_copy(update={"data_tests": mode})
    loop.settings = loop.settings.model_copy(update={"retraining": wanted})
    return loop


def test_rows_that_pass_leave_the_reason_alone(loop):
    give_feedback(loop)
    decision = loop.retrain()
    assert decision.numbers["data_tests_failed"] == 0
    assert "data test" not in decision.reason


def test_warn_trains_and_notes_what_failed(loop):
    give_feedback(loop, without_first)
    decision = loop.retrain()
    assert decision.version == "0002"
    assert decision.numbers["data_tests_failed"] >= 1
    said = "data tests failed: missing of 'mean_radius' is 100.0% of 60 rows, at most"
    assert said in decision.reason
    assert loop.artifacts.open("0002").manifest["decision"] == decision.reason


def test_block_rejects_without_a_training(loop):
    give_feedback(loop, without_first)
    decision = with_mode(loop, "block").retrain()
    assert (decision.state, decision.version, decision.parent) == (REJECTED, None, "0001")
    assert "missing of 'mean_radius' is 100.0% of 60 rows" in decision.reason
    assert loop.artifacts.numbers() == ["0001"]


def test_block_lets_rows_pass_that_are_like_the_reference(loop):
    give_feedback(loop)
    assert with_mode(loop, "block").retrain().version == "0002"


def test_off_tests_nothing(loop):
    give_feedback(loop, without_first)
    decision = with_mode(loop, "off").retrain()
    assert decision.version == "0002"
    assert "data_tests_failed" not in decision.numbers


def test_few_rows_are_not_tested(loop):
    give_feedback(loop, without_first, rows=20)
    assert "data_tests_failed" not in with_mode(loop, "block").retrain().numbers


def test_rows_that_the_live_version_was_trained_on_are_not_tested_again(loop):
    give_feedback(loop, without_first)
    loop.artifacts.activate(loop.retrain().version)
    give_feedback(loop, rows=40, first=ROWS)
    decision = with_mode(loop, "block").retrain()
    assert (decision.version, decision.numbers["data_tests_failed"]) == ("0003", 0)


def test_the_latest_decision_that_tested_says_how_many_failed(loop):
    give_feedback(loop, without_first)
    decision = with_mode(loop, "block").retrain()
    with loop.engine.begin() as connection:
        assert last_data_tests_failed(connection) is None
        record_decision(connection, "by hand", decision)
        record_decision(connection, "by hand", type(decision)(PROMOTED, "promoted: untested"))
        assert last_data_tests_failed(connection) == decision.numbers["data_tests_failed"]
