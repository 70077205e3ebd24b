"""What is erased is gone from the store and from every Parquet file, or nothing is changed."""

import threading

import pytest
from sqlalchemy import select

from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.parquet_files import file_records
from pipeline.parquet_files.file_records import open_history
from pipeline.parquet_files.parquet_rows import decode
from pipeline.parquet_history import erasing
from pipeline.parquet_history.erasing import Criterion, erase
from pipeline.parquet_history.moving import HistoryMover
from pipeline.production.production_rows import read_production_rows
from pipeline.store.tables import erasures, feedback, predictions
from tests.support.models_and_records.histories import (
    NAMES,
    answer,
    answer_inline,
    counted,
    move,
    name_subject,
    predict,
    stored,
    stray_objects,
)


@pytest.fixture
def ids(kept):
    """Eight old predictions, four answered, and two young ones; two and one are about `A`."""
    old, young = predict(kept, 8), predict(kept, 2, at=5_000.0)
    answer(kept, old[:4], at=1_000.0)
    name_subject(kept, [old[1], old[6], young[0]], "A")
    move(kept, before=2_000.0)
    return [*old, *young]


def in_files(engine):
    objects = open_history(engine)
    tables = [decode(objects.read(name).content) for name in objects.names()]
    return {one for table in tables for one in table["prediction_id"].to_pylist()}


def test_a_subject_is_gone_everywhere(kept, ids):
    told = erase(kept, Criterion(subject="A"), {}, "admin")
    gone = {ids[1], ids[6], ids[8]}
    assert (told.predictions, told.answers) == (3, 1)
    assert counted(kept) == dict.fromkeys(set(ids) - gone, 1)
    assert in_files(kept) == {*ids[:8]} - gone
    assert stray_objects(kept) == ([], [])
    assert read_production_rows(kept, "e").seqs.tolist() == [1, 3, 4]
    assert stored(kept, feedback) == 4


def test_a_prediction_is_gone_and_takes_no_answer(kept, ids):
    assert erase(kept, Criterion(prediction_id=ids[2]), {}, "admin").answers == 1
    assert erase(kept, Criterion(prediction_id=ids[9]), {}, "admin").predictions == 1
    assert set(counted(kept)) == {*ids} - {ids[2], ids[9]}
    assert answer(kept, [ids[2]]) == ["unknown"]


def test_rows_of_a_feature_are_gone(kept):
    ids = [*predict(kept, 3, number=17), *predict(kept, 3, number=4)]
    answer(kept, ids[2:4], at=1_000.0)
    move(kept, rows=2)
    young = predict(kept, 2, number=17, at=1e9)
    answer_inline(kept, b'[17,"Bern"]')
    told = erase(kept, Criterion(where=("number", "17.0")), NAMES, "admin")
    assert (told.predictions, told.answers) == (5, 2)
    assert set(counted(kept)) == set(ids[3:])
    assert not {*ids[:3], *young} & in_files(kept)


def test_it_is_noted_without_what_it_was(kept, ids):
    erase(kept, Criterion(subject="A"), {}, "admin")
    erase(kept, Criterion(subject="A"), {}, "admin")
    with kept.connect() as connection:
        (row,) = connection.execute(select(erasures)).all()
    assert (row.actor, row.criterion, row.predictions, row.answers) == ("admin", "subject", 3, 1)


def test_a_file_whose_rows_are_all_erased_is_gone(kept):
    ids = predict(kept, 3)
    answer(kept, ids[:1], at=1_000.0)
    name_subject(kept, ids, "A")
    move(kept)
    erase(kept, Criterion(subject="A"), {}, "admin")
    assert list(open_history(kept).names()) == []
    answer(kept, predict(kept, 2, at=1e9), at=1e9)
    move(kept)
    assert read_production_rows(kept, "e").seqs.tolist() == [2, 3]


def break_off(*_):
    raise ObjectsUnavailable("killed")


@pytest.mark.parametrize("step", ["write_object", "publish", "erase_rows", "_note"])
def test_cut_short_before_it_counts_nothing_is_erased_and_a_rerun_does(
    kept, ids, monkeypatch, step
):
    with monkeypatch.context() as broken:
        broken.setattr(erasing, step, break_off)
        with pytest.raises(ObjectsUnavailable):
            erase(kept, Criterion(subject="A"), {}, "admin")
    assert counted(kept) == dict.fromkeys(ids, 1)
    assert erase(kept, Criterion(subject="A"), {}, "admin").predictions == 3
    assert in_files(kept) == {*ids[:8]} - {ids[1], ids[6]}
    assert stray_objects(kept) == ([], [])


def test_cut_short_after_it_counts_the_next_run_deletes_the_old_files(kept, ids, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(file_records, "delete_files", lambda *_: None)
        erase(kept, Criterion(subject="A"), {}, "admin")
    assert counted(kept) == dict.fromkeys(set(ids) - {ids[1], ids[6], ids[8]}, 1)
    assert ids[1] in in_files(kept)
    move(kept, before=0.0)
    assert ids[1] not in in_files(kept)
    assert stray_objects(kept) == ([], [])


def test_who_reads_while_files_are_replaced_reads_on(kept, ids):
    from pipeline.parquet_history.reading import Filter, read_history

    rows = read_history(kept, Filter(), {})
    first = next(rows)
    erase(kept, Criterion(subject="A"), {}, "admin")
    seen = [first, *rows]
    assert len(seen) == len({row.prediction_id for row in seen})
    assert {row.prediction_id for row in seen} >= set(counted(kept))
    assert stored(kept, predictions) == 1


def test_rows_are_moved_on_after_somebody_erased_in_between(kept):
    ids = predict(kept, 40)
    name_subject(kept, ids[-1:], "A")
    started = threading.Event()
    mover = HistoryMover(kept, 1e12, 0, 1)
    moving = threading.Thread(target=mover.run, args=(lambda _file: started.set(),))
    moving.start()
    started.wait()
    assert erase(kept, Criterion(subject="A"), {}, "admin").predictions == 1
    moving.join()
    assert set(counted(kept)) == set(ids[:-1])
