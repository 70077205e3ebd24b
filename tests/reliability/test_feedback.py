"""Serving is killed fifty times under ten thousand feedbacks: none is lost, none counted twice."""

import http.client
import itertools
import random
import time

import pytest
from sqlalchemy import select

from pipeline.production.csv_mirror import export_feedback
from pipeline.registry.prepared import columns_in_use
from pipeline.store.database import connect
from pipeline.store.tables import feedback, retrainings
from tests.reliability.clients import Client, working
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.reliability
FEEDBACKS, KILLS, WRITERS, EVERY = 10_000, 50, 8, 50
PIXELS = [3.0] * 64


@pytest.fixture
def server(digits, tmp_path):
    with serving(digits.copy(tmp_path, RETRAINING__EVERY=str(EVERY))) as running:
        yield running


def insist(client, path, body):
    """Send until it is answered for good, as a client does that must know."""
    for _ in range(300):
        try:
            status, answer = client.post(path, body)
        except (OSError, http.client.HTTPException):
            status = 503
        if status != 503:
            assert status in (200, 201), (status, answer)
            return answer
        time.sleep(0.1)
    raise TimeoutError(path)


def write(server, numbers, acknowledged):
    """Half of them name a prediction, which a kill must not lose either; half bring their own."""
    with Client(server) as client:
        for number in numbers:
            body = {"target": "7", "feedback_id": f"f-{number}"}
            if number % 2:
                predicted = insist(client, "/predict", {"features": PIXELS})
                body["prediction_id"] = predicted["prediction_id"]
            else:
                body |= {"features": PIXELS, "prediction": "7"}
            acknowledged.append(insist(client, "/feedback", body)["feedback_id"])


def test_every_feedback_is_in_the_store_exactly_once(server):
    acknowledged, numbers = [], itertools.count()
    shared = iter(lambda: next(numbers), FEEDBACKS)  # one counter for all writers
    chance = random.Random(0)
    with working([lambda _: write(server, shared, acknowledged)] * WRITERS):
        for turn in range(KILLS):
            due = FEEDBACKS * turn // KILLS
            wait_for(lambda due=due: len(acknowledged) >= due, seconds=60)
            time.sleep(chance.uniform(0, 0.1))
            server.kill()
            server.start()
    engine = connect(server.installation.settings().store)
    with engine.connect() as connection:
        rows = connection.execute(select(feedback.c.seq, feedback.c.id).order_by("seq")).all()
        buckets = list(connection.scalars(select(retrainings.c.bucket).order_by("bucket")))
        mirrored = server.installation.folder / "data" / "prod_data.csv"
        columns = columns_in_use(server.installation.artifacts())
        wait_for(lambda: mirrored.read_bytes() == export_feedback(connection, columns))
    engine.dispose()
    assert sorted(acknowledged) == sorted(row.id for row in rows)
    assert [row.seq for row in rows] == list(range(1, FEEDBACKS + 1))
    assert buckets == list(range(1, FEEDBACKS // EVERY + 1))
