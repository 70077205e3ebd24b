"""A new embedding while serving runs: no prediction is lost, and all end in the new embedding."""

import contextlib
import os
import signal
import threading
import time

import pytest
from sqlalchemy import select

from pipeline.registry.prepared import embedding_of, open_active_embedding
from pipeline.store.reembedding import count_stale_rows
from pipeline.store.tables import connect, create_schema, feedback, mirror, predictions
from scripts.preparation.refit_embedding import refit
from tests.support.servers import serving, wait_for

pytestmark = pytest.mark.slow
PIXELS = [3.0] * 64
ASKERS = 8


@pytest.fixture
def server(digits, tmp_path):
    with serving(digits.copy(tmp_path, RETRAINING__GATE="off")) as running:
        yield running


@pytest.fixture
def engine(server):
    made = connect(server.installation.settings().store)
    create_schema(made)
    yield made
    made.dispose()


def ids(engine, column):
    with engine.execution_options(readonly=True).connect() as connection:
        return set(connection.scalars(select(column)))


@contextlib.contextmanager
def hanging(server, engine):
    """From a moment on at which it holds no lock: the last thing that it writes is on record."""
    rows = len(ids(engine, feedback.c.seq))
    wait_for(lambda: ids(engine, mirror.c.rows) == {rows})
    time.sleep(0.1)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def ask(server, answered, ended=None):
    """Once, or until it is ended."""
    while True:
        found = server.predict(PIXELS)
        body = {"prediction_id": found["prediction_id"], "target": "7"}
        server.client.post("/feedback", json=body).raise_for_status()
        answered.append((found["prediction_id"], found["model_version"]))
        if ended is None or ended.is_set():
            return


def test_serving_that_hangs_meanwhile_brings_its_rows_along_when_it_goes_on(server, engine):
    """What waits for it is answered by the old version: it has yet to see that there is another."""
    installation, ended, answered = server.installation, threading.Event(), []
    settings, artifacts = installation.settings(), installation.artifacts()
    before = embedding_of(open_active_embedding(artifacts)).embedding_id
    for _ in range(5):  # not all of them may be learned from
        ask(server, answered)
    askers = [threading.Thread(target=ask, args=(server, answered, ended)) for _ in range(ASKERS)]
    with hanging(server, engine):
        for asker in askers:
            asker.start()
        refit(settings, artifacts)
        name = embedding_of(open_active_embedding(artifacts)).embedding_id
    wait_for(lambda: answered[-1][1] == "0002", seconds=30)
    ended.set()
    for asker in askers:
        asker.join()
    given = {number for number, _ in answered}
    assert name != before
    assert {version for _, version in answered[5:]} == {"0001", "0002"}
    assert given <= ids(engine, predictions.c.id)
    assert given <= ids(engine, feedback.c.prediction_id)
    wait_for(lambda: count_stale_rows(engine, name) == 0)
