"""What Elasticsearch and Kibana are told is taken, and every event is accepted as it is mapped."""

import json

import pytest

from pipeline.events.schema import PREDICTION
from scripts.elastic.templates import STREAM, USER
from tests.pipeline.events.test_events import told  # noqa: F401  # an event of each kind

pytestmark = pytest.mark.elastic


def send(elastic, events, user=USER, password="of-the-writer"):
    lines = []
    for event in events:
        lines += [json.dumps({"create": {"_id": event["event.id"]}}), json.dumps(event)]
    headers = {"content-type": "application/x-ndjson"}
    body = ("\n".join(lines) + "\n").encode()
    answer = elastic.ask("POST", f"/{STREAM}/_bulk", user, password, data=body, headers=headers)
    return [item["create"]["status"] for item in answer.json()["items"]]


def test_every_kind_of_event_is_accepted_once(ready, told):  # noqa: F811
    assert send(ready, told) == [201] * len(told)
    assert send(ready, told) == [409] * len(told)


def test_a_field_that_is_not_in_the_schema_is_refused(ready, told):  # noqa: F811
    event = next(one for one in told if one["event.dataset"] == PREDICTION)
    strange = {**event, "event.id": "another", "boucle.new": 1}
    assert send(ready, [strange]) == [400]


def test_the_writer_may_append_and_nothing_else(ready):
    for method, path in (("GET", f"/{STREAM}/_search"), ("PUT", "/_ilm/policy/boucle-events")):
        answer = ready.ask(method, path, USER, "of-the-writer", json={})
        assert answer.status_code == 403


def test_a_wrong_password_is_told_at_once(ready, monkeypatch):
    from scripts.cli.command import CommandError
    from scripts.elastic import setup

    monkeypatch.setenv("ELASTIC_PASSWORD", "wrong")
    with pytest.raises(CommandError, match="401"):
        setup.main()
