"""Who moves or erases old rows is killed at any moment: each row is there once, or erased."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from pipeline.parquet_history.history_lock import HistoryBusy
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect, create_schema
from tests.support.models_and_records.histories import (
    answer,
    counted,
    move,
    name_subject,
    predict,
    stray_objects,
)
from tests.support.processes.buckets import Bucket

pytestmark = pytest.mark.reliability
KILLS, ROWS = 30, 600
MOVE_AND_ERASE = """
import sys
from pipeline.parquet_history.erasing import Criterion, erase
from pipeline.parquet_history.moving import HistoryMover
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect

engine = connect(StoreSettings(url=sys.argv[1], history=sys.argv[2]))
print("ready", flush=True)
mover = HistoryMover(engine, 1e12, 0, 5)
while mover.step() is not None:
    pass
for number in range(40):
    erase(engine, Criterion(subject=f"s{number}"), {}, "admin")
print("done", flush=True)
"""


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    if request.param == "folder":
        yield str(tmp_path / "history")
        return
    with Bucket.started() as bucket:
        yield f"{bucket.url}/history"


@pytest.fixture
def engine(store_url, place):
    made = connect(StoreSettings(url=store_url, history=place))
    create_schema(made)
    yield made
    made.dispose()


def begin(store_url, place):
    command = [sys.executable, "-c", MOVE_AND_ERASE, store_url, place]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process, after):
    time.sleep(after)  # the moment is what is tried
    process.send_signal(signal.SIGKILL)
    said = process.stdout.read()
    process.wait()
    process.stdout.close()
    return "done" in said


def test_thirty_kills_lose_and_double_nothing_and_leave_nothing(
    engine, store_url, place, workplace
):
    chance = random.Random(0)
    ids = predict(engine, ROWS)
    answer(engine, ids[::3], at=1_000.0)
    for number in range(40):
        name_subject(engine, ids[number * 15 : number * 15 + 2], f"s{number}")
    gone = {one for number in range(40) for one in ids[number * 15 : number * 15 + 2]}
    seen, ended = set(ids), False
    for _ in range(KILLS):
        ended = kill(begin(store_url, place), chance.uniform(0, 0.4)) or ended
        rows = counted(engine)
        assert set(rows.values()) == {1}
        assert set(rows) <= seen and set(rows) >= set(ids) - gone
        seen = set(rows)
    process = begin(store_url, place)
    assert process.stdout.read() == "done\n"
    process.wait()
    process.stdout.close()
    assert set(counted(engine)) == set(ids) - gone
    try:
        move(engine)
    except HistoryBusy:
        pytest.fail("a killed process still holds the history")
    assert stray_objects(engine) == ([], [])
    assert not ended or seen
