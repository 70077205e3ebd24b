"""While the store is away or hangs, predictions answer and feedback says when to come again."""

import json
import threading
import time

import pytest

from pipeline.store.tables import feedback, predictions
from tests.support.models_and_records.stores import Frozen, Sqlite, Stopped, records
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.slow

PIXELS = [3.0] * 64
SOON = 3.0  # seconds: an answer needs at most one, but the machine may be busy


@pytest.fixture(scope="module")
def sqlite_server(digits, tmp_path_factory):
    with serving(digits.copy(tmp_path_factory.mktemp("away-sqlite"))) as server:
        yield server


@pytest.fixture(scope="module")
def postgres_server(digits, postgres, tmp_path_factory):
    folder, url = tmp_path_factory.mktemp("away-postgres"), postgres.make_database()
    with serving(digits.copy(folder, STORE__URL=url)) as server:
        yield server


@pytest.fixture(params=[Sqlite, Stopped, Frozen])
def case(request):
    """A server, and a way to take its store away."""
    if request.param is Sqlite:
        server = request.getfixturevalue("sqlite_server")
        return server, Sqlite(server)
    server = request.getfixturevalue("postgres_server")
    return server, request.param(request.getfixturevalue("postgres"))


def give(server, number):
    body = {"prediction_id": number, "target": "7"}
    return server.client.post("/feedback", json=body)


def test_predictions_answer_feedback_waits_and_nothing_is_lost(case):
    server, store = case
    before = server.predict(PIXELS)["prediction_id"]
    with store.away():
        ids, slow = [], []
        for _ in range(15):
            started = time.monotonic()
            ids.append(server.predict(PIXELS)["prediction_id"])
            slow.append(time.monotonic() - started)
        refused = give(server, before)
        metrics = server.metrics()
        ready = server.client.get("/readyz").json()
    assert max(slow) < SOON
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert metrics["store_up"] == 0
    assert metrics["store_spooled_rows"] >= 1
    assert "feedback_rows_until_retraining" not in metrics
    assert (ready["status"], ready["store"]) == ("ready", "away")
    wait_for(lambda: server.metrics()["store_up"] == 1)
    assert give(server, before).status_code in (200, 201)
    assert give(server, ids[0]).status_code == 201
    wait_for(lambda: server.metrics()["store_spooled_rows"] == 0)
    assert {before, *ids} <= records(server, predictions)


def test_a_store_that_comes_back_is_noticed_without_any_request(case):
    server, store = case
    with store.away():
        server.predict(PIXELS)
        assert server.client.get("/readyz").json()["store"] == "away"
    wait_for(lambda: server.client.get("/readyz").json()["store"] == "up")


def test_predictions_under_way_when_the_store_goes_are_answered(case):
    server, store = case
    failures, ended = [], threading.Event()

    def ask():
        with server.connect() as client:
            while not ended.is_set():
                answer = client.post("/predict", json={"features": PIXELS})
                if answer.status_code != 200:
                    failures.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    with store.away():
        time.sleep(1.5)
    time.sleep(0.5)
    ended.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_what_waits_outlives_a_kill(digits, postgres, tmp_path):
    url = postgres.make_database()
    with serving(digits.copy(tmp_path, STORE__URL=url)) as server:
        with Stopped(postgres).away():
            ids = {server.predict(PIXELS)["prediction_id"] for _ in range(5)}
            server.kill()
        server.start()
        assert give(server, min(ids)).status_code == 201
        assert ids <= records(server, predictions)


def test_what_waits_outlives_an_orderly_end(digits, postgres, tmp_path):
    url = postgres.make_database()
    with serving(digits.copy(tmp_path, STORE__URL=url)) as server:
        with Stopped(postgres).away():
            ids = {server.predict(PIXELS)["prediction_id"] for _ in range(5)}
            server.stop()
        server.start()
        wait_for(lambda: ids <= records(server, predictions))


def test_a_full_spool_refuses_predictions(digits, tmp_path):
    with serving(digits.copy(tmp_path, STORE__SPOOL_ROWS="1000")) as server:
        with Sqlite(server).away():
            body = {"rows": [PIXELS] * 500}
            answers = [server.client.post("/predict/batch", json=body) for _ in range(3)]
            answer = server.client.post("/predict", json={"features": PIXELS})
        assert [answer.status_code for answer in answers] == [200, 200, 503]
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        wait_for(lambda: server.metrics()["store_spooled_rows"] == 0)
        assert server.predict(PIXELS)
        assert len(records(server, predictions)) >= 1000
        assert records(server, feedback) == set()


def test_it_starts_without_its_store(digits, postgres, tmp_path):
    url = postgres.make_database()
    with Stopped(postgres).away(), serving(digits.copy(tmp_path, STORE__URL=url)) as server:
        answered = server.predict(PIXELS)
        assert give(server, answered["prediction_id"]).status_code == 503


def test_sigterm_answers_what_has_come_and_ends(digits, tmp_path):
    with serving(digits.copy(tmp_path)) as server:
        content = json.dumps({"rows": [PIXELS] * 1000}).encode()
        sent, answers = threading.Semaphore(0), []

        def give():
            yield content
            sent.release()

        def ask():
            headers = {"content-type": "application/json"}
            with server.connect() as client:
                client.get("/livez")  # so that the connection is made
                answer = client.post("/predict/batch", content=give(), headers=headers)
                answers.append(answer.status_code)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in threads:
            sent.acquire()
        server.stop()
        for thread in threads:
            thread.join()
        assert answers == [200] * 4
        server.start()
        assert len(records(server, predictions)) == 4000
