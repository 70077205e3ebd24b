"""Four writers give 20,000 feedbacks and are killed over and over: one job for each k rows."""

import random
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from pipeline.store.tables import feedback, retrainings

pytestmark = pytest.mark.reliability
WRITERS, EACH, EVERY, KILLS = 4, 5_000, 50, 25
WRITE = """
import sys
import numpy as np
from sqlalchemy.exc import OperationalError
from pipeline.setting_tables import StoreSettings
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import write_feedback
from pipeline.store.records import Feedback, InlineObservation, Outcome
from pipeline.store.database import connect

url, name, each, every = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
engine, random = connect(StoreSettings(url=url)), np.random.default_rng()
vector = pack(np.ones(5))
done = int(sys.argv[5])
while done < each:
    until = min(each, done + int(random.integers(1, 70)))
    seen = InlineObservation(b"", vector, 0.1, "e", "7")
    given = [
        Feedback("7", observed=seen, feedback_id=f"{name}-{n}") for n in range(done, until)
    ]
    try:
        with engine.begin() as connection:
            receipts = write_feedback(connection, given, every)
    except OperationalError:  # SQLite lets writers in by chance; it waited in vain
        continue
    assert {r.outcome for r in receipts} <= {Outcome.RECORDED, Outcome.REPLAYED}
    done = until
    print(done, flush=True)
"""


class Writer:
    """A process that goes on where the last one was acknowledged, so that some rows come twice."""

    def __init__(self, url, name, log):
        self.url, self.name, self.log, self.process = url, name, log, None

    @property
    def done(self):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return int(lines[-1]) if lines else 0

    def start(self):
        arguments = [self.url, self.name, str(EACH), str(EVERY), str(self.done)]
        with self.log.open("ab") as log:
            command = [sys.executable, "-c", WRITE, *arguments]
            self.process = subprocess.Popen(command, stdout=log)

    def kill(self):
        self.process.kill()
        self.process.wait()


def test_jobs_are_rows_divided_by_k(store, store_url, tmp_path):
    chance = random.Random(0)
    writers = [Writer(store_url, f"w{n}", tmp_path / f"w{n}.log") for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.4))
        writer = chance.choice(writers)
        writer.kill()
        writer.start()
    assert [writer.process.wait(120) for writer in writers] == [0] * WRITERS
    with store.connect() as connection:
        rows = connection.execute(select(feedback.c.seq, feedback.c.id).order_by("seq")).all()
        buckets = list(connection.scalars(select(retrainings.c.bucket).order_by("bucket")))
    assert {row.id for row in rows} == {f"w{n}-{m}" for n in range(WRITERS) for m in range(EACH)}
    assert [row.seq for row in rows] == list(range(1, WRITERS * EACH + 1))
    assert buckets == list(range(1, WRITERS * EACH // EVERY + 1))
