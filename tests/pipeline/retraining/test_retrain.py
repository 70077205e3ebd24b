"""One retraining, from the stored rows to a published version and a decision."""

import json

import pytest

from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.retraining.retrain import feedback_rows_at_last_rollback
from pipeline.store.decision_log import (
    PROMOTED,
    REJECTED,
    ROLLED_BACK,
    Decision,
    record_decision,
    record_manual_activation,
)
from tests.support.models_and_records.loops import Loop


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


def test_the_challenger_is_published_but_not_put_live(loop):
    loop.feed(60)
    decision = loop.retrain()
    assert (decision.state, decision.version, decision.parent) == (PROMOTED, "0002", "0001")
    assert loop.artifacts.numbers() == ["0001", "0002"]
    assert loop.live == "0001"


def test_the_manifest_tells_all_about_the_decision(loop):
    loop.feed(60)
    decision = loop.retrain()
    manifest = loop.artifacts.open("0002").manifest
    assert manifest["decision"] == decision.reason
    assert (manifest["parent"], manifest["trigger"]) == ("0001", "by hand")
    assert manifest["production_through"] == 60
    rows = manifest["rows"]
    assert rows["production"] + rows["evaluation"] == 60
    assert rows["trained"] == rows["reference"] + rows["production"]
    assert manifest["scores"]["holdout"]["rows"] == rows["holdout"]


def test_a_decision_can_be_sent_as_json(loop):
    loop.feed(60)
    numbers = loop.retrain().numbers
    assert json.loads(json.dumps(numbers)) == numbers


def test_progress_only_grows_and_names_its_stages(loop):
    loop.feed(60)
    told = []
    loop.retrain(lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert 0.9 <= shares[-1] < 1.0
    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert stages == [
        "reading rows", "out of fold", "training", "judging", "compiling",
        "explaining", "publishing",
    ]  # fmt: skip


def test_poison_is_published_as_rejected_and_can_be_looked_at(loop):
    loop.feed(120, flipped=1.0)
    decision = loop.retrain()
    assert decision.state == REJECTED
    assert "its labels look wrong" in decision.reason
    assert loop.artifacts.open(decision.version).manifest["decision"] == decision.reason


def test_a_live_version_that_cannot_be_read_is_replaced_by_any_challenger(loop):
    (loop.artifacts.place.versions / "0001" / "model.onnx").write_bytes(b"damaged")
    loop.feed(60)
    decision = loop.retrain()
    assert decision.state == PROMOTED
    assert decision.reason == "promoted: there was no live version to compare with"
    assert decision.parent is None


def test_a_parent_that_cannot_be_read_leaves_the_one_before_to_beat(loop):
    loop.artifacts.activate(loop.publish())
    (loop.artifacts.place.versions / "0002" / "model.onnx").write_bytes(b"damaged")
    loop.feed(60)
    assert loop.retrain().parent == "0001"


def test_rows_of_another_embedding_are_never_mixed_in(loop):
    loop.feed(10)
    with loop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE feedback SET embedding_id = 'other' WHERE seq = 3")
    with pytest.raises(EmbeddingMismatch):
        loop.retrain()


def test_feedback_of_one_label_only_is_judged_like_any_other(loop):
    loop.feed(150, label=loop.prepared.embedding.schema.labels[0])
    decision = loop.retrain()
    assert decision.state in (PROMOTED, REJECTED)
    assert decision.numbers["recent_rows"] > 0


def test_only_the_last_rollback_that_still_stands_counts(loop):
    assert feedback_rows_at_last_rollback(loop.engine) is None
    with loop.engine.begin() as connection:
        worse = Decision(ROLLED_BACK, "rolled back", "0001", "0002", {"rows": 77})
        record_decision(connection, "quality on live feedback", worse)
    assert feedback_rows_at_last_rollback(loop.engine) == 77
    with loop.engine.begin() as connection:
        record_manual_activation(connection, "0002", ["0001"])
    assert feedback_rows_at_last_rollback(loop.engine) is None


def test_after_a_rollback_the_same_rows_promote_nothing(loop):
    loop.feed(100)
    with loop.engine.begin() as connection:
        record_manual_activation(connection, "0001", ["0002", "0001"])
    decision = loop.retrain()
    assert decision.state == REJECTED
    assert "0 evaluation rows came since the last rollback, 30 are needed" in decision.reason
    loop.feed(250)
    assert "rollback" not in loop.retrain().reason
