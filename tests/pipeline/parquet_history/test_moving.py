"""Old rows leave the store as Parquet, each once, and everybody finds what they found before."""

import threading

import numpy as np
import pyarrow.parquet
import pytest
from sqlalchemy import select, update

from pipeline.history.subjects import latest_of
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.parquet_files.file_records import open_history
from pipeline.parquet_history.history_lock import HistoryBusy, history_lock
from pipeline.parquet_history.moving import HistoryMover
from pipeline.production import csv_mirror
from pipeline.production.csv_mirror import CsvMirror, export_feedback
from pipeline.production.production_rows import look_up_rows, read_production_rows
from pipeline.setting_tables import StoreSettings
from pipeline.settings import InvalidSetting
from pipeline.store.database import connect
from pipeline.store.tables import feedback, history_files, predictions
from tests.support.models_and_records.histories import (
    DAY,
    answer,
    answer_inline,
    counted,
    found,
    move,
    name_subject,
    predict,
    stored,
    stray_objects,
)

COLUMNS = ("PCA_1", "PCA_2")


def test_each_row_is_seen_once_before_and_after(kept):
    ids = predict(kept, 10)
    answer(kept, ids[:6], at=1_000.0)
    before = counted(kept)
    assert move(kept) == 10
    assert counted(kept) == before and set(before.values()) == {1}
    assert stored(kept, predictions) == 0
    assert stored(kept, feedback) == 6
    assert stray_objects(kept) == ([], [])


def test_rows_read_back_are_what_they_were(kept):
    ids = predict(kept, 9)
    answer(kept, ids[:5], at=1_000.0)
    name_subject(kept, ids[3:7], "order-17")
    answer_inline(kept, b'[1,"Chur"]')
    before = sorted(found(kept), key=repr)
    move(kept)
    after = sorted(found(kept), key=repr)
    texts = [
        row.__class__(**{**vars(row), "observation": row.observation.encode()}) for row in after
    ]
    assert texts == before


def test_days_are_folders_that_other_tools_read(kept, tmp_path):
    predict(kept, 2, at=0.0)
    predict(kept, 3, at=DAY + 5.0)
    move(kept)
    objects = open_history(kept)
    names = list(objects.names())
    assert [name.split("/")[:2] for name in names] == [
        ["predictions", "day=1970-01-01"],
        ["predictions", "day=1970-01-02"],
    ]
    (tmp_path / "one.parquet").write_bytes(objects.read(names[1]).content)
    table = pyarrow.parquet.read_table(tmp_path / "one.parquet")
    assert table["vector"].to_pylist() == [[0.0, 0.5], [1.0, 0.5], [2.0, 0.5]]
    assert table["observation"].to_pylist()[0] == '[0,"Bern"]'


def test_what_is_young_stays_and_so_do_the_latest_answers(kept):
    old, young = predict(kept, 6, at=10.0), predict(kept, 2, at=5_000.0)
    answer(kept, old[:4], at=20.0)
    answer(kept, young[:1], at=5_001.0)
    assert move(kept, before=1_000.0, kept=3) == 4
    with kept.connect() as connection:
        left = set(connection.scalars(select(predictions.c.id)))
    assert left == {*old[2:4], *young}


def test_young_answers_keep_their_old_predictions(kept):
    ids = predict(kept, 3, at=10.0)
    answer(kept, ids[:1], at=5_000.0)
    assert move(kept, before=1_000.0) == 2
    assert answer(kept, ids[:1]) == ["replayed"]


def test_training_reads_moved_rows_first(kept):
    ids = predict(kept, 11)
    answer(kept, ids, at=1_000.0)
    before = read_production_rows(kept, "e")
    move(kept, kept=4)
    after = read_production_rows(kept, "e")
    for name in vars(before):
        assert getattr(after, name).tolist() == getattr(before, name).tolist()
    assert read_production_rows(kept, "e", after=2, most=3).seqs.tolist() == [3, 4, 5]
    assert read_production_rows(kept, "e", after=6, most=3).seqs.tolist() == [7, 8, 9]


def test_rows_are_looked_up_by_number_moved_or_not(kept):
    answer(kept, predict(kept, 10), at=1_000.0)
    before = read_production_rows(kept, "e")
    move(kept, kept=4)
    wanted = np.array([2, 3, 6, 9])
    rows = look_up_rows(kept, "e", wanted)
    for name in vars(before):
        assert getattr(rows, name).tolist() == getattr(before, name)[wanted - 1].tolist()


def test_feedback_that_was_moved_is_replayed_contradicted_and_corrected(kept):
    ids = predict(kept, 3)
    answer(kept, ids[:2], at=1_000.0)
    move(kept)
    assert answer(kept, ids[:1]) == ["replayed"]
    assert answer(kept, ids[:1], "2") == ["conflict"]
    assert answer(kept, ids[:1], "2", corrected_by="admin") == ["corrected"]
    assert answer(kept, ids[2:]) == ["unknown"]
    assert read_production_rows(kept, "e").targets.tolist() == ["2", "1"]
    assert sorted(str(row.target) for row in found(kept)) == ["1", "2", "None"]


def test_feedback_with_its_observation_is_replayed_after_the_move(kept):
    answer_inline(kept, b'[1,"Bern"]', feedback_id="mine")
    assert move(kept) == 1
    assert answer_inline(kept, b'[1.0, "Bern"]', feedback_id="mine") == "replayed"
    assert answer_inline(kept, b'[2,"Bern"]', feedback_id="mine") == "conflict"


def test_the_file_of_the_course_stays_and_is_made_anew_from_the_history(
    kept, tmp_path, monkeypatch
):
    monkeypatch.setattr(csv_mirror, "REST", 0)
    ids, path = predict(kept, 9), tmp_path / "prod_data.csv"
    answer(kept, ids, at=1_000.0)
    keeper = CsvMirror(kept, path, lambda: COLUMNS)
    keeper.sync()
    before = path.read_bytes()
    move(kept, kept=2)
    assert keeper.sync() == 9 and path.read_bytes() == before
    path.unlink()
    assert keeper.sync() == 9 and path.read_bytes() == before
    answer(kept, ids[:1], "2", corrected_by="admin")
    keeper.sync()
    assert path.read_text().splitlines()[1] == "0.0,0.5,2,7"
    with kept.connect() as connection:
        assert export_feedback(connection, COLUMNS) == path.read_bytes()


def test_without_its_history_the_file_of_the_course_still_grows(kept, tmp_path, monkeypatch):
    ids, path = predict(kept, 4), tmp_path / "prod_data.csv"
    answer(kept, ids[:2], at=1_000.0)
    CsvMirror(kept, path, lambda: COLUMNS).sync()
    move(kept)
    away = connect(StoreSettings(url=kept.url.render_as_string(False).replace("+psycopg", "")))
    keeper = CsvMirror(away, path, lambda: COLUMNS)
    answer(kept, predict(kept, 1, at=1e9))
    answer(kept, ids[:1], "2", corrected_by="admin")
    for _ in range(3):
        keeper.sync()
    assert [line[-3:] for line in path.read_text().splitlines()[1:]] == ["1,7"] * 3
    with pytest.raises(InvalidSetting, match="name their place"):
        read_production_rows(away, "e")
    away.dispose()


def test_an_answer_that_comes_during_the_move_is_kept(kept, monkeypatch):
    ids = predict(kept, 3)
    mover, taken = HistoryMover(kept, 1e12, 0, 10), []
    find = mover._find

    def answered_meanwhile():
        rows = find()
        if not taken:
            taken.append(answer(kept, ids[1:2], at=1_000.0))
        return rows

    monkeypatch.setattr(mover, "_find", answered_meanwhile)
    assert mover.run() == 3
    assert taken == [["recorded"]]
    assert counted(kept) == dict.fromkeys(ids, 1)
    assert stray_objects(kept) == ([], [])


def test_one_process_moves_at_a_time(kept):
    predict(kept, 3)
    with history_lock(kept), pytest.raises(HistoryBusy):
        move(kept)
    assert move(kept) == 3


def test_movers_side_by_side_move_each_row_once(kept):
    ids = predict(kept, 40)
    answer(kept, ids[::2], at=1_000.0)

    def work():
        while stored(kept, predictions):
            try:
                move(kept)
            except HistoryBusy:
                continue

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(kept) == dict.fromkeys(ids, 1)


def test_a_file_that_is_gone_is_told(kept):
    answer(kept, predict(kept, 3), at=1_000.0)
    move(kept)
    objects = open_history(kept)
    objects.delete(next(objects.names()))
    with pytest.raises(ObjectsUnavailable, match="is missing, though the records name it"):
        read_production_rows(kept, "e")


def test_a_mover_whose_file_was_cleared_away_changes_nothing(kept, monkeypatch):
    """As when the lock of a server is lost while a process hangs."""
    ids = predict(kept, 3)
    mover = HistoryMover(kept, 1e12, 0, 10)
    from pipeline.parquet_history import moving

    write = moving.write_object

    def cleared(objects, name, content):
        write(objects, name, content)
        with kept.begin() as connection:
            connection.execute(update(history_files).values(state="deleting"))
        monkeypatch.setattr(moving, "write_object", write)

    monkeypatch.setattr(moving, "write_object", cleared)
    assert mover.run() == 3
    assert counted(kept) == dict.fromkeys(ids, 1)
    assert stray_objects(kept) == ([], [])


def test_feedback_by_subject_still_finds_an_answered_prediction(kept):
    ids = predict(kept, 2)
    answer(kept, ids[:1], at=1_000.0)
    name_subject(kept, ids[:1], "A")
    name_subject(kept, ids[1:], "B")
    move(kept)
    with kept.connect() as connection:
        assert latest_of(connection, "A") == ids[0]
        assert latest_of(connection, "B") is None
