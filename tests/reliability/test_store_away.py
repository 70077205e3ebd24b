"""Thirty seconds without a store, under load: predictions answer, and nothing is missing later."""

import time
from collections import Counter

import pytest

from pipeline.store.tables import feedback, predictions
from tests.reliability.clients import Client, working
from tests.support.models_and_records.stores import Sqlite, Stopped, records
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.reliability
AWAY_SECONDS = 30.0
PIXELS = [3.0] * 64


class Traffic:
    """Predicts and gives feedback; what was acknowledged, and what was answered otherwise."""

    def __init__(self, server):
        self.server = server
        self.predicted, self.fed, self.statuses = [], [], Counter()

    def send(self, ended):
        with Client(self.server) as client:
            while not ended.is_set():
                status, answer = client.post("/predict", {"features": PIXELS})
                self.statuses["predict", status] += 1
                number = answer["prediction_id"]
                self.predicted.append(number)
                status, answer = client.post(
                    "/feedback", {"prediction_id": number, "target": "7", "feedback_id": number}
                )
                self.statuses["feedback", status] += 1
                if status == 201:
                    self.fed.append(number)
                time.sleep(0.02)


def test_nothing_that_was_acknowledged_is_missing(digits, postgres, tmp_path):
    url = postgres.make_database()
    ours = digits.copy(tmp_path / "sqlite")
    theirs = digits.copy(tmp_path / "postgresql", STORE__URL=url)
    with serving(ours) as one, serving(theirs) as other:
        traffics = [Traffic(one), Traffic(other)]
        with working([traffic.send for traffic in traffics for _ in range(2)]):
            time.sleep(1)
            with Sqlite(one).away(), Stopped(postgres).away():
                time.sleep(AWAY_SECONDS)
            for traffic in traffics:
                wait_for(lambda server=traffic.server: server.metrics()["store_up"] == 1)
            time.sleep(1)
        for traffic in traffics:
            wait_for(lambda s=traffic.server: s.metrics()["store_spooled_rows"] == 0)
            assert set(traffic.predicted) <= records(traffic.server, predictions)
            assert set(traffic.fed) == records(traffic.server, feedback)
            assert set(traffic.statuses) == {("predict", 200), ("feedback", 201), ("feedback", 503)}
