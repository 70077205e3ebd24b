"""The spool: rows that wait outlive the process, and are given out whole and in order."""

import os
import subprocess
import sys

import pytest

from serving.recording import spool as module
from serving.recording.spool import ROWS_AT_ONCE, Spool
from tests.support.processes.servers import ROOT


def rows(*numbers):
    return [(f"{n:04}", float(n), "0001", "e", b"[1]", b"\x00", 0.5, "7", b"\xff") for n in numbers]


def empty(spool):
    """Take all there is, as the writer does."""
    found = []
    while first := spool.peek():
        found += first
        spool.discard(first)
    return found


def test_rows_come_out_as_they_went_in(tmp_path):
    spool = Spool(tmp_path)
    spool.add(rows(1, 2))
    spool.add(rows(3))
    assert spool.rows == 3
    assert empty(spool) == rows(1, 2, 3)
    assert spool.rows == 0
    spool.close()


def test_a_part_that_is_not_dropped_comes_again(tmp_path):
    spool = Spool(tmp_path)
    spool.add(rows(1))
    assert spool.peek() == spool.peek() == rows(1)
    spool.close()


def test_what_is_added_while_others_wait_comes_last(tmp_path):
    spool = Spool(tmp_path)
    spool.add(rows(1))
    first = spool.peek()
    spool.add(rows(2))
    spool.discard(first)
    assert empty(spool) == rows(2)
    spool.close()


def test_an_emptied_file_leaves_nothing_behind(tmp_path):
    spool = Spool(tmp_path)
    spool.add(rows(1))
    empty(spool)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_the_next_process_adopts_what_a_killed_one_left(tmp_path):
    code = f"""
import os
from pathlib import Path
from serving.recording.spool import ROWS_AT_ONCE, Spool
from tests.serving.recording.test_spool import rows
spool = Spool(Path({str(tmp_path)!r}))
spool.add(rows(1, 2))
spool.add(rows(3))
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    spool = Spool(tmp_path)
    spool.recover()
    assert empty(spool) == rows(1, 2, 3)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_living_process_keeps_what_is_its_own(tmp_path):
    one, two = Spool(tmp_path), Spool(tmp_path)
    one.add(rows(1))
    two.recover()
    assert two.rows == 0
    assert two.others_pending() and not one.others_pending()
    one.close()


@pytest.mark.parametrize("cut", [1, 7, 9, 40])
def test_a_torn_end_spoils_nothing_before_it(tmp_path, cut):
    spool = Spool(tmp_path)
    spool.add(rows(1))
    spool.add(rows(2))
    spool.close()
    (path,) = tmp_path.iterdir()
    os.truncate(path, path.stat().st_size - cut)
    spool = Spool(tmp_path)
    spool.recover()
    assert empty(spool) == rows(1)
    spool.close()


def test_where_the_disk_takes_nothing_rows_wait_in_memory(tmp_path, monkeypatch, caplog):
    spool = Spool(tmp_path)
    spool.add(rows(1))

    def refuse(descriptor):
        raise OSError("the disk is full")

    monkeypatch.setattr(module.os, "fsync", refuse)
    spool.add(rows(2))
    monkeypatch.undo()
    spool.add(rows(3))
    assert "wait in memory only" in caplog.text
    assert sorted(empty(spool)) == rows(1, 2, 3)
    spool.close()


def test_many_small_frames_are_adopted_with_few_syncs(tmp_path, monkeypatch):
    """2,000 frames kept the port closed for 12 seconds."""
    one, synced = Spool(tmp_path), []
    for number in range(ROWS_AT_ONCE + 10):
        one.add(rows(number))
    one.close()
    sync = os.fsync
    monkeypatch.setattr(module.os, "fsync", lambda file: (synced.append(file), sync(file)))
    two = Spool(tmp_path)
    two.recover()
    assert len(synced) == 2
    assert empty(two) == rows(*range(ROWS_AT_ONCE + 10))
    two.close()


def test_a_file_that_another_worker_removes_meanwhile_holds_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module.Path, "glob", lambda *_: [tmp_path / "gone.rows"])
    assert not Spool(tmp_path).others_pending()


def test_it_is_full_by_rows_or_by_bytes(tmp_path):
    by_rows, by_bytes = Spool(tmp_path / "a", most_rows=2), Spool(tmp_path / "b", most_bytes=100)
    for spool in (by_rows, by_bytes):
        spool.add(rows(1))
        assert not spool.full
        spool.add(rows(2))
        assert spool.full
        empty(spool)
        assert not spool.full
        spool.close()
