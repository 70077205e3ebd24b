"""Alertmanager's webhook: which alerts ask for a retraining, and that none asks twice."""

import pytest

from pipeline.store.database import connect
from pipeline.store.tables import retrainings
from tests.support.processes.servers import serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(cancer, tmp_path_factory):
    with serving(cancer.copy(tmp_path_factory.mktemp("alerts"))) as server:
        yield server


@pytest.fixture
def server(running):
    """With an empty log of decisions."""
    engine = connect(running.installation.settings().store)
    with engine.begin() as connection:
        connection.execute(retrainings.delete())
    engine.dispose()
    return running


def alert(name="DriftHigh", status="firing", since="2026-11-21T10:00:00Z", **labels):
    named = {"alertname": name, "action": "retrain", **labels}
    return {"status": status, "labels": named, "startsAt": since, "annotations": {}}


def send(server, *alerts, group="{}:{alertname='DriftHigh'}"):
    headers = {"Authorization": f"Bearer {server.installation.key('admin')}"}
    body = {"version": "4", "groupKey": group, "status": "firing", "alerts": list(alerts)}
    answer = server.client.post("/alerts", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()


def queued(server):
    return server.client.get("/retrainings").json()["retrainings"]


def test_a_firing_alert_queues_one_retraining_that_names_it(server):
    assert send(server, alert())["queued"]
    assert [row["trigger"] for row in queued(server)] == ["alert DriftHigh"]


def test_the_same_alert_of_a_group_queues_no_second_one(server):
    """Alertmanager repeats what goes on firing."""
    send(server, alert())
    again = send(server, alert())
    assert again == {"queued": False, "id": None, "reason": "this alert was heard before"}
    assert len(queued(server)) == 1


def test_another_group_within_the_cooldown_queues_nothing(server):
    send(server, alert())
    other = send(server, alert("QualityLow"), group="{}:{alertname='QualityLow'}")
    assert other["reason"] == "another alert asked for a retraining a short while ago"
    assert len(queued(server)) == 1


@pytest.mark.parametrize("told", [alert(status="resolved"), alert(action="page"), None])
def test_what_is_resolved_or_asks_for_nothing_queues_nothing(server, told):
    answer = send(server, *[told] if told else [])
    assert answer == {"queued": False, "reason": "no firing alert asks for a retraining"}
    assert queued(server) == []


def test_without_the_admin_key_nobody_queues_anything(server):
    body = {"groupKey": "x", "alerts": [alert()]}
    assert server.client.post("/alerts", json=body).status_code == 401
    assert queued(server) == []


def test_a_retraining_can_be_asked_for_by_hand(server):
    headers = {"Authorization": f"Bearer {server.installation.key('admin')}"}
    answer = server.client.post("/retrain", headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    row = queued(server)[0]
    assert (row["id"], row["trigger"], row["progress"]) == (answer.json()["id"], "by hand", 0.0)
