"""The keeper of prod_data.csv is killed 80 times and the file damaged 50 times: it heals itself."""

import subprocess
import sys

import pytest

from pipeline.production.csv_mirror import FILE
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect, create_schema

pytestmark = pytest.mark.reliability
KILLS, DAMAGES = 80, 50
KEEP_KILL_AND_DAMAGE = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from pipeline.production import csv_mirror
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import write_feedback
from pipeline.store.records import Feedback, InlineObservation
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect

csv_mirror.CHUNK = 20
COLUMNS = tuple(f"PCA_{place}" for place in range(1, 31))
url, path, kills, damages = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(0)

def keep():
    engine = connect(StoreSettings(url=url))
    keeper, vector = csv_mirror.CsvMirror(engine, path, lambda: COLUMNS), pack(np.ones(30))
    while True:
        seen = [InlineObservation(b"", vector, 0.1, "e", f"{n}") for n in range(50)]
        with engine.begin() as connection:
            write_feedback(connection, [Feedback("7", observed=one) for one in seen], 50)
        keeper.sync()

def damage():
    content = path.read_bytes()
    place = chance.randrange(len(content) + 1)
    path.write_bytes(chance.choice([
        content[:place], content + b"1.0,2.0,half a li", b"",
        content[:place] + b"X" + content[place + 1:],
    ]))
    if chance.random() < 0.2:
        path.unlink()

def is_export():
    engine = connect(StoreSettings(url=url))
    csv_mirror.CsvMirror(engine, path, lambda: COLUMNS).sync()
    with engine.connect() as connection:
        same = path.read_bytes() == csv_mirror.export_feedback(connection, COLUMNS)
    engine.dispose()
    return same

for turn in range(kills):
    keeper = os.fork()
    if keeper == 0:
        keep()
    time.sleep(chance.uniform(0, 0.12))
    os.kill(keeper, signal.SIGKILL)
    os.waitpid(keeper, 0)
    if damages and path.exists():
        damages -= 1
        damage()
        print("damaged", flush=True)
    if turn % 8 == 7:
        print(is_export(), flush=True)
"""


def test_it_is_a_fresh_export_to_the_byte(tmp_path):
    url, path = f"sqlite:///{tmp_path / 'boucle.db'}", tmp_path / FILE
    engine = connect(StoreSettings(url=url))
    create_schema(engine)
    engine.dispose()
    command = [sys.executable, "-c", KEEP_KILL_AND_DAMAGE, url, path, str(KILLS), str(DAMAGES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = done.stdout.split()
    assert said.count("True") == KILLS // 8, said
    assert said.count("damaged") == DAMAGES
    assert "False" not in said
    assert path.stat().st_size > 100_000
