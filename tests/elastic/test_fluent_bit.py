"""Fluent Bit itself carries the file of events: none is lost, none is there twice."""

import contextlib
import os
import subprocess
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest

from pipeline.events.journal import Journal
from pipeline.events.reading import EventReader, VersionNames
from tests.pipeline.history.records import predict
from tests.support.processes.servers import ROOT, free_port, wait_for

pytestmark = pytest.mark.elastic
ROWS = 20_000


@pytest.fixture
def program():
    path = os.environ.get("FLUENT_BIT")
    if not path:
        pytest.skip("FLUENT_BIT names no program of Fluent Bit")
    return path


@contextlib.contextmanager
def carrying(program, elastic, folder):
    config = folder / "fluent-bit.yaml"
    text = (ROOT / "elastic/fluent-bit.yaml").read_text()
    config.write_text(text.replace("http_port: 2020", f"http_port: {free_port()}"))
    (folder / "buffer").mkdir(exist_ok=True)
    where = urlsplit(elastic.url)
    environment = {
        "ELASTIC_HOST": where.hostname,
        "ELASTIC_PORT": str(where.port),
        "ELASTIC_TLS": "off",
        "EVENTS_USER": "boucle-events",
        "EVENTS_PASSWORD": "of-the-writer",
        "EVENTS_FOLDER": str(folder / "logs"),
        "BUFFER_FOLDER": str(folder / "buffer"),
    }
    with (folder / "fluent-bit.log").open("ab") as log:
        process = subprocess.Popen(
            [program, "-c", config], env={**os.environ, **environment}, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_file_of_events_arrives_whatever_happens(ready, program, store, tmp_path):
    """429 for a while, the program killed three times, the file rotated again and again."""
    folder = tmp_path / "logs"
    with Journal(folder, 1_000_000, keep=100) as journal:
        assert journal.take()
        reader = EventReader(
            journal.open(), lambda _: VersionNames(["1", "7"]), features=False, settle_seconds=0.0
        )
        written = 0
        for turn in range(4):
            if turn == 1:
                ready.ask("POST", "/_faults", json={"status": 429, "times": 5})
            predict(store, at=time.time(), count=ROWS // 4)
            with carrying(program, ready, tmp_path) as process:
                while written < (turn + 1) * ROWS // 4:
                    with store.connect() as connection:
                        events = reader.read(connection)
                    journal.append(events)
                    for event in events:
                        reader.progress.note(event)
                    written += len(events)
                if turn < 3:
                    time.sleep(1.0)  # it is killed in the middle
                else:
                    wait_for(lambda: len(ready.documents()) >= ROWS, seconds=120)
                assert process.poll() is None
    ids = Counter(one["event.id"] for one in ready.documents())
    assert (len(ids), max(ids.values())) == (ROWS, 1)
