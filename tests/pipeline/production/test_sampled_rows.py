"""Of many rows a training holds the latest whole, and a fair and stable draw of the older ones."""

import numpy as np
import pytest
from sqlalchemy import delete, update

from pipeline.production import sampled_rows
from pipeline.production.sampled_rows import digest_of, read_sampled_rows
from pipeline.setting_tables import RetrainingSettings, TrainingSettings
from pipeline.settings import Settings
from pipeline.store.corrections import ERASED
from pipeline.store.encoding import pack
from pipeline.store.tables import feedback

LABELS = ("a", "b", "rare")
MOST, LATEST = 1_000, 250


@pytest.fixture(autouse=True)
def few_of_a_label(monkeypatch):
    monkeypatch.setattr(sampled_rows, "LEAST_OF_LABEL", 20)


def fill(store, start, end):
    """Rows whose first number is their seq; one in 100 is of the rare label."""
    common = {"embedding_id": "x", "at": 0.0, "pca_residual": 0.0, "prediction": "a"}
    rows = [
        {
            "seq": seq,
            "id": f"{seq}",
            "vector": pack(np.array([seq, 0.5])),
            "target": "rare" if seq % 100 == 0 else "ab"[seq % 2],
            **common,
        }
        for seq in range(start, end)
    ]
    with store.begin() as connection:
        connection.execute(feedback.insert(), rows)


def settings(recent_rows, **training):
    wanted = {
        "training": TrainingSettings(production_rows=MOST, **training),
        "retraining": RetrainingSettings(recent_rows=recent_rows),
    }
    return Settings().model_copy(update=wanted)


def read(store, **training):
    return read_sampled_rows(settings(10, **training), store, "x", LABELS)


def test_all_rows_are_held_while_they_are_few(store):
    fill(store, 1, MOST + 1)
    assert read(store).seqs.tolist() == list(range(1, MOST + 1))


def test_the_latest_are_held_whole_and_the_older_ones_in_part(store):
    fill(store, 1, 5_001)
    rows = read(store)
    assert MOST <= len(rows) < MOST + 20
    assert rows.seqs[-LATEST:].tolist() == list(range(5_001 - LATEST, 5_001))
    assert (np.diff(rows.seqs) > 0).all()
    assert rows.values[:, 0].tolist() == rows.seqs.tolist()


def test_the_draw_is_even_over_time(store):
    fill(store, 1, 10_001)
    older = read(store).seqs[:-LATEST]
    assert np.histogram(older, bins=4)[0] == pytest.approx(len(older) / 4, rel=0.25)


def test_the_same_rows_are_held_at_another_try_and_most_of_them_later(store):
    fill(store, 1, 5_001)
    first = read(store).seqs
    assert digest_of(read(store).seqs) == digest_of(first)
    fill(store, 5_001, 5_501)
    assert np.isin(first[:-LATEST], read(store).seqs).mean() > 0.8
    assert digest_of(read(store, seed=1).seqs) != digest_of(read(store).seqs)


def test_of_a_rare_label_more_are_held_than_were_drawn(store):
    fill(store, 1, 10_001)
    older = read(store).targets[:-LATEST]
    assert (older == "rare").sum() >= 20


def test_a_label_that_is_gone_is_no_failure(store):
    fill(store, 1, 3_001)
    with store.begin() as connection:
        connection.execute(update(feedback).where(feedback.c.target == "rare").values(target="a"))
    assert set(read(store).targets) == {"a", "b"}


def test_what_was_erased_is_not_held(store):
    fill(store, 1, 5_001)
    held = read(store).seqs
    with store.begin() as connection:
        connection.execute(
            update(feedback).where(feedback.c.seq == int(held[0])).values(target=ERASED, vector=b"")
        )
    assert held[0] not in read(store).seqs


def test_the_rows_that_judge_are_among_the_latest(store):
    fill(store, 1, 5_001)
    rows = read_sampled_rows(settings(80), store, "x", LABELS)
    judges = rows.seqs[rows.judges(80)]
    assert len(judges) == 80
    assert judges.min() > 5_000 - 800


def test_no_rows_are_no_failure(store):
    assert len(read(store)) == 0
    fill(store, 1, 2)
    with store.begin() as connection:
        connection.execute(delete(feedback))
    assert len(read(store)) == 0
