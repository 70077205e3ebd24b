"""The spool: rows that wait outlive the process, and are given out whole and in order."""

import os
import subprocess
import sys

import pytest

from serving import spool as module
from serving.spool import Spool
from tests.servers import ROOT


def rows(*numbers):
    return [(f"{n:04}", float(n), "0001", "e", b"[1]", b"\x00", 0.5, "7", b"\xff") for n in numbers]


def empty(spool):
    """Take all there is, as the writer does."""
    found = []
    while first := spool.first():
        found += first
        spool.drop(first)
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
    assert spool.first() == spool.first() == rows(1)
    spool.close()


def test_what_is_added_while_others_wait_comes_last(tmp_path):
    spool = Spool(tmp_path)
    spool.add(rows(1))
    first = spool.first()
    spool.add(rows(2))
    spool.drop(first)
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
from serving.spool import Spool
from tests.serving.test_spool import rows
spool = Spool(Path({str(tmp_path)!r}))
spool.add(rows(1, 2))
spool.add(rows(3))
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    spool = Spool(tmp_path)
    spool.adopt()
    assert empty(spool) == rows(1, 2, 3)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_living_process_keeps_what_is_its_own(tmp_path):
    one, two = Spool(tmp_path), Spool(tmp_path)
    one.add(rows(1))
    two.adopt()
    assert two.rows == 0
    assert two.others_wait() and not one.others_wait()
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
    spool.adopt()
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
