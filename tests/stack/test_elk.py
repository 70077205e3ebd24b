"""The profile `elk` beside the stack that the tests before have used.

What plays Elasticsearch and Kibana is started as .ci/elk.yml says. Fluent Bit is there where its
image could be made.
"""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.deployment.test_policy import read
from tests.stack.containers import client, compose, containers, query, sql, wait_until
from tests.support.processes.servers import ROOT

pytestmark = pytest.mark.stack

ELASTIC, KIBANA = "http://127.0.0.1:9200", "http://127.0.0.1:5601"
FILES = ("--file", "docker-compose.yml", "--file", ".ci/elk.yml", "--profile", "elk")
CARRIED = bool(os.environ.get("FLUENT_BIT"))
PARTS = {*read(ROOT / "elastic/docker-compose.yml")["services"]} - (
    set() if CARRIED else {"fluent-bit"}
)


@pytest.fixture(scope="module", autouse=True)
def elk():
    """`--wait` would take the end of elastic-setup for a failure: no Fluent Bit waits for it."""
    try:
        compose(*FILES, "up", "--detach", "elastic-setup")
        compose(*FILES, "up", "--detach", "--wait", *sorted(PARTS - {"elastic-setup"}))
        yield
    finally:
        compose(*FILES, "rm", "--stop", "--force", *sorted(PARTS))


def of_index(path):
    password = compose(*FILES, "exec", "-T", "elasticsearch", "cat", "/run/secrets/boucle/password")
    answer = client.get(
        f"{ELASTIC}/logs-boucle.events-*/{path}", auth=("elastic", password.strip())
    )
    answer.raise_for_status()
    return answer.json()


def written(name):
    """The events that are in the volume."""
    text = compose("exec", "-T", "trainer", "sh", "-c", f"cat logs/{name}*.ndjson")
    return [json.loads(line) for line in text.splitlines()]


def count(dataset):
    return sum(event["event.dataset"] == dataset for event in written("events"))


def test_all_is_made_ready_and_again_without_harm():
    assert {row["Service"] for row in containers() if row["State"] == "running"} >= PARTS - {
        "elastic-setup"
    }
    said = compose(*FILES, "run", "--rm", "--no-deps", "-T", "elastic-setup")
    assert "dashboards" in said
    found = client.get(f"{KIBANA}/api/saved_objects/_find").json()
    assert {one["type"] for one in found["saved_objects"]} == {
        *("index-pattern", "search", "dashboard")
    }


@pytest.mark.parametrize("dataset", ["prediction", "feedback"])
def test_what_happened_before_is_told_from_the_beginning(dataset):
    table = {"prediction": "predictions", "feedback": "feedback"}[dataset]
    rows = int(sql(f"select count(*) from {table}"))
    wait_until(lambda: count(f"boucle.{dataset}") >= rows)
    assert count("boucle.decision")
    assert count("boucle.drift")


def test_alerts_are_events_too():
    assert {event["event.action"] for event in written("alerts")} >= {"firing"}


@pytest.mark.skipif(not CARRIED, reason="FLUENT_BIT names no program to make its image of")
def test_all_of_them_arrive_and_none_is_refused():
    wait_until(
        lambda: of_index("_count")["count"] >= len(written("events")) + len(written("alerts"))
    )
    assert "REFUSED" not in compose(*FILES, "logs", "elasticsearch")
    wait_until(lambda: query('up{job="fluent-bit"} == 1'))


@pytest.mark.skipif(not CARRIED, reason="FLUENT_BIT names no program to make its image of")
def test_the_doctor_looks_at_it():
    command = [sys.executable, "-m", "scripts.stack.doctor"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert re.search(r"^ok +events: \d+ in Elasticsearch; memory: ", done.stdout, re.MULTILINE)
