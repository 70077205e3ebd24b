"""Feedback as a retraining reads it: in its order, of one embedding, one row in five apart."""

import numpy as np
import pytest

from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.production import production_rows
from pipeline.production.production_rows import is_evaluation, read_production_rows
from pipeline.store.encoding import pack
from pipeline.store.records import new_ids
from pipeline.store.tables import feedback


def fill(store, rows, embedding_id="x"):
    """Feedback whose first number is its seq."""
    values = {"prediction": "a", "embedding_id": embedding_id, "at": 0.0, "pca_residual": 0.0}
    with store.begin() as connection:
        for seq in range(1, rows + 1):
            vector = pack(np.array([seq, 0.5]))
            row = {"seq": seq, "id": f"{seq}", "vector": vector, "target": "ab"[seq % 2]}
            connection.execute(feedback.insert().values(**values, **row))


def test_rows_come_in_the_order_in_which_they_were_given(store):
    fill(store, 5)
    rows = read_production_rows(store, "x")
    assert rows.seqs.tolist() == [1, 2, 3, 4, 5]
    assert rows.values.tolist() == [[seq, 0.5] for seq in range(1, 6)]
    assert rows.targets.tolist() == ["b", "a", "b", "a", "b"]


def test_a_part_of_them_can_be_read(store):
    fill(store, 5)
    assert read_production_rows(store, "x", after=2, most=2).seqs.tolist() == [3, 4]


def test_many_rows_are_read_in_blocks(store, monkeypatch):
    monkeypatch.setattr(production_rows, "ROWS_A_BLOCK", 3)
    fill(store, 10)
    assert read_production_rows(store, "x").seqs.tolist() == list(range(1, 11))


def test_no_rows_are_no_failure(store):
    rows = read_production_rows(store, "x")
    assert len(rows) == 0
    assert not rows.evaluation.any()


def test_rows_of_another_embedding_are_refused(store):
    fill(store, 3, "y")
    with pytest.raises(EmbeddingMismatch, match="3 feedback rows are of another embedding than x"):
        read_production_rows(store, "x")


def test_one_row_in_five_judges_and_the_same_ones_for_ever():
    ids = new_ids(0.0, 20_000)
    judges = [is_evaluation(one) for one in ids]
    assert np.mean(judges) == pytest.approx(0.2, abs=0.02)
    assert judges == [is_evaluation(one) for one in ids]
    assert [is_evaluation(one) for one in ("a", "b", "c", "d", "e", "g")] == [
        False, False, True, False, False, False
    ]  # fmt: skip
