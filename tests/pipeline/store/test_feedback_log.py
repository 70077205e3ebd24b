"""The records, over SQLite and PostgreSQL alike."""

import contextlib
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select

from pipeline.setting_tables import StoreSettings
from pipeline.settings import InvalidSetting
from pipeline.store.corrections import corrections_of
from pipeline.store.database import connect, create_schema
from pipeline.store.encoding import pack, unpack
from pipeline.store.feedback_log import write_feedback
from pipeline.store.prediction_log import PredictionWriter, prune_predictions
from pipeline.store.records import Feedback, InlineObservation, Outcome, StoreUnavailable, new_ids
from pipeline.store.tables import corrections, feedback, predictions, retrainings, state

VECTOR = np.array([0.5, -1.25])
EVERY = 4


def predict(store, count=1, at=None):
    """Put predictions on record; returns their ids."""
    now = time.time() if at is None else at
    ids = new_ids(now, count)
    kept = ("0001", "embedding", b"[1.0]", pack(VECTOR), 0.1, "7", pack(np.array([0.2, 0.8])))
    with contextlib.closing(PredictionWriter(store)) as log:
        log.write([(number, now, *kept) for number in ids])
    return ids


def give(store, *given, every=EVERY):
    with store.begin() as connection:
        return write_feedback(connection, given, every)


def observe(target="7", prediction="7", feedback_id=None, vector=VECTOR, seen=b"[1.0]"):
    seen = InlineObservation(seen, pack(vector), 0.1, "embedding", prediction)
    return Feedback(target, observed=seen, feedback_id=feedback_id)


def count(store, table, *where):
    with store.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(*where))


def test_a_vector_is_kept_to_the_last_bit():
    assert unpack(pack(VECTOR)).tobytes() == VECTOR.tobytes()


def test_ids_sort_by_time_and_never_repeat():
    ids = [*new_ids(1.0, 1000), *new_ids(2.0, 1000)]
    assert len(set(ids)) == 2000
    assert max(ids[:1000]) < min(ids[1000:])


def test_a_prediction_is_kept_as_it_was(store):
    (number,) = predict(store)
    with store.connect() as connection:
        row = connection.execute(select(predictions)).one()
    assert (row.id, row.version, row.prediction, row.observation) == (number, "0001", "7", b"[1.0]")
    assert unpack(row.vector).tolist() == VECTOR.tolist()


def test_predictions_written_twice_are_kept_once(store):
    rows = [(n, 1.0, "0001", "e", b"[]", b"", 0.1, "7", b"") for n in new_ids(1.0, 1200)]
    with contextlib.closing(PredictionWriter(store)) as log:
        log.write(rows)
        log.write(rows)
    assert count(store, predictions) == 1200


def test_feedback_copies_what_the_prediction_knew(store):
    (number,) = predict(store, at=1_000_000_000.0)
    (receipt,) = give(store, Feedback("3", prediction_id=number))
    assert (receipt.outcome, receipt.rows) == (Outcome.RECORDED, 1)
    with store.connect() as connection:
        row = connection.execute(select(feedback)).one()
    assert (row.prediction, row.target, row.version) == ("7", "3", "0001")
    assert (row.predicted_at, row.vector) == (1_000_000_000.0, pack(VECTOR))


def test_the_same_feedback_again_is_a_replay(store):
    (number,) = predict(store)
    first, again = (give(store, Feedback("3", prediction_id=number))[0] for _ in range(2))
    assert (again.outcome, again.feedback_id, again.rows) == (
        Outcome.REPLAYED,
        first.feedback_id,
        1,
    )


def test_another_target_is_a_conflict(store):
    (number,) = predict(store)
    give(store, Feedback("3", prediction_id=number))
    (receipt,) = give(store, Feedback("4", prediction_id=number))
    assert (receipt.outcome, receipt.rows) == (Outcome.CONFLICT, 1)


def test_a_correction_replaces_the_target_and_keeps_what_it_was(store):
    (number,) = predict(store)
    give(store, Feedback("3", prediction_id=number))
    (receipt,) = give(store, Feedback("4", prediction_id=number, corrected_by="feedback"))
    assert (receipt.outcome, receipt.rows) == (Outcome.CORRECTED, 1)
    with store.connect() as connection:
        assert connection.scalar(select(feedback.c.target)) == "4"
        (change,) = corrections_of(connection, receipt.feedback_id)
    assert (change["before"], change["after"], change["actor"]) == ("3", "4", "feedback")


def test_a_correction_sent_twice_counts_once(store):
    (number,) = predict(store)
    said = Feedback("4", prediction_id=number, corrected_by="feedback")
    outcomes = [give(store, Feedback("3", prediction_id=number))[0].outcome]
    outcomes += [give(store, said)[0].outcome for _ in range(2)]
    assert outcomes == [Outcome.RECORDED, Outcome.CORRECTED, Outcome.REPLAYED]
    assert count(store, corrections) == 1


def test_a_correction_comes_along_with_the_answer_that_it_corrects(store):
    (number,) = predict(store)
    said = [Feedback(target, prediction_id=number, corrected_by="x") for target in "345"]
    assert [one.outcome.value for one in give(store, *said)] == ["recorded", *["corrected"] * 2]
    with store.connect() as connection:
        assert connection.scalar(select(feedback.c.target)) == "5"


def test_a_correction_of_what_is_not_known_is_not_recorded(store):
    (receipt,) = give(store, Feedback("3", prediction_id="unheard", corrected_by="feedback"))
    assert receipt.outcome == Outcome.UNKNOWN


def test_a_correction_does_not_change_what_was_observed(store):
    give(store, observe("7", feedback_id="mine"))
    other = observe("3", feedback_id="mine", seen=b"[2.0]")
    (receipt,) = give(store, replace(other, corrected_by="feedback"))
    assert receipt.outcome == Outcome.CONFLICT


def test_an_unknown_prediction_is_not_recorded(store):
    (receipt,) = give(store, Feedback("3", prediction_id="unheard"))
    assert (receipt.outcome, count(store, feedback)) == (Outcome.UNKNOWN, 0)


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        (observe(feedback_id="mine"), Outcome.REPLAYED),
        (observe(target="8", feedback_id="mine"), Outcome.CONFLICT),
        (observe(prediction="8", feedback_id="mine"), Outcome.CONFLICT),
        (observe(seen=b"[2.0]", feedback_id="mine"), Outcome.CONFLICT),
        (observe(seen=b"[1]", feedback_id="mine"), Outcome.REPLAYED),
        (observe(vector=VECTOR + 1, feedback_id="mine"), Outcome.REPLAYED),  # after a refit
        (observe(feedback_id="other"), Outcome.RECORDED),
        (observe(), Outcome.RECORDED),
    ],
)
def test_a_feedback_id_stands_for_one_content(store, again, outcome):
    give(store, observe(feedback_id="mine"))
    assert give(store, again)[0].outcome == outcome


def test_a_feedback_id_cannot_move_to_another_prediction(store):
    first, second = predict(store, 2)
    give(store, Feedback("3", prediction_id=first, feedback_id="mine"))
    (receipt,) = give(store, Feedback("3", prediction_id=second, feedback_id="mine"))
    assert receipt.outcome == Outcome.CONFLICT


def test_replays_and_conflicts_are_found_within_one_commit(store):
    (number,) = predict(store)
    targets = [Feedback(target, prediction_id=number) for target in ("3", "3", "4")]
    outcomes = [receipt.outcome for receipt in give(store, *targets)]
    assert outcomes == [Outcome.RECORDED, Outcome.REPLAYED, Outcome.CONFLICT]
    assert count(store, feedback) == 1


def test_each_kth_row_queues_one_retraining(store):
    queued = [give(store, observe())[0].queued for _ in range(9)]
    assert queued == [False, False, False, True] * 2 + [False]
    with store.connect() as connection:
        rows = connection.execute(select(retrainings).order_by(retrainings.c.id)).all()
    assert [(row.every, row.bucket, row.state) for row in rows] == [
        (4, 1, "queued"),
        (4, 2, "queued"),
    ]


def test_one_commit_may_pass_several_kth_rows(store):
    receipts = give(store, *[observe() for _ in range(9)])
    assert [receipt.rows for receipt in receipts if receipt.queued] == [4, 8]
    assert count(store, retrainings) == 2


def test_another_k_does_not_fire_again_for_the_past(store):
    give(store, *[observe() for _ in range(8)])
    give(store, observe(), every=3)
    assert count(store, retrainings, retrainings.c.every == 3) == 1


def test_nothing_of_a_failed_commit_remains(store):
    with pytest.raises(RuntimeError), store.begin() as connection:
        write_feedback(connection, [observe() for _ in range(EVERY)], EVERY)
        raise RuntimeError("the power goes")
    assert (count(store, feedback), count(store, retrainings)) == (0, 0)
    assert give(store, observe())[0].rows == 1


def test_many_writers_leave_no_gap_and_one_retraining_for_each_k(store):
    ids = predict(store, 60)
    failures = []

    def write(part):
        try:
            for number in part:
                give(store, Feedback("7", prediction_id=number), observe())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(ids[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with store.connect() as connection:
        numbers = connection.scalars(select(feedback.c.seq).order_by(feedback.c.seq)).all()
        buckets = connection.scalars(
            select(retrainings.c.bucket).order_by(retrainings.c.bucket)
        ).all()
    assert numbers == list(range(1, 121))
    assert buckets == list(range(1, 31))


def test_old_predictions_are_forgotten_unless_they_have_feedback(store):
    old, answered, new = *predict(store, 2, at=1.0), *predict(store, at=100.0)
    give(store, Feedback("7", prediction_id=answered))
    with store.begin() as connection:
        assert prune_predictions(connection, before=50.0, most=10) == 1
    with store.connect() as connection:
        assert set(connection.scalars(select(predictions.c.id))) == {answered, new}
    assert old not in (answered, new)


def test_pruning_takes_a_few_at_a_time(store):
    predict(store, 5, at=1.0)
    with store.begin() as connection:
        assert [prune_predictions(connection, 50.0, most=3) for _ in range(3)] == [3, 2, 0]


def test_a_store_of_another_boucle_is_refused(store):
    with store.begin() as connection:
        connection.execute(state.update().where(state.c.name == "schema_version").values(value=99))
    with pytest.raises(InvalidSetting, match="has schema 99"):
        create_schema(store)


def test_making_the_schema_again_changes_nothing(store):
    give(store, observe())
    create_schema(store)
    assert count(store, feedback) == 1


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_a_url_that_names_no_store_is_refused(url):
    with pytest.raises(InvalidSetting):
        connect(StoreSettings(url=url))


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/none", "sqlite:////proc/no.db"])
def test_a_store_that_cannot_be_reached_is_away(url):
    engine = connect(StoreSettings(url=url))
    with pytest.raises(StoreUnavailable):
        create_schema(engine)
    with pytest.raises(StoreUnavailable):
        PredictionWriter(engine).write([("id", 1.0, "0001", "e", b"", b"", 0.0, "7", b"")])


def test_sqlite_commits_are_synced(tmp_path):
    engine = connect(StoreSettings(url=f"sqlite:///{tmp_path / 'boucle.db'}"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    engine.dispose()
    assert tuple(map(int, version.split("."))) >= (
        3,
        51,
        3,
    )  # before it, the WAL may be reset wrongly


def test_postgresql_commits_are_synced(postgres):
    engine = connect(StoreSettings(url=postgres.make_database()))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    engine.dispose()
