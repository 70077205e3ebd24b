"""A server that plays Elasticsearch and Kibana and refuses what they would; ELASTIC names it."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
import requests

from tests.support.processes.servers import free_port

PASSWORD = "of-the-owner"


@dataclass
class Elastic:
    url: str
    kibana: str

    def ask(self, method, path, user="elastic", password=PASSWORD, **content):
        return requests.request(
            method, self.url + path, auth=(user, password), timeout=30, **content
        )

    def documents(self, stream="logs-boucle.events-default"):
        answer = self.ask("GET", f"/{stream}/_search", json={"size": 1_000_000})
        return [one["_source"] for one in answer.json()["hits"]["hits"]]


@pytest.fixture
def elastic():
    program = os.environ.get("ELASTIC")
    if program is None:
        pytest.skip("ELASTIC names no server that plays Elasticsearch")
    port, kibana = free_port(), free_port()
    options = ["--port", str(port), "--kibana-port", str(kibana), "--user", f"elastic:{PASSWORD}"]
    process = subprocess.Popen([sys.executable, program, *options], stdout=subprocess.DEVNULL)
    here = Elastic(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{kibana}")
    for _ in range(100):
        try:
            if here.ask("GET", "/").ok:
                break
        except requests.ConnectionError:
            time.sleep(0.1)
    yield here
    process.terminate()
    process.wait()


@pytest.fixture
def ready(elastic, monkeypatch):
    """With the templates, the role, the searches and the dashboards."""
    from scripts.elastic import setup

    for name, value in {
        "ELASTICSEARCH_URL": elastic.url,
        "KIBANA_URL": elastic.kibana,
        "ELASTIC_PASSWORD": PASSWORD,
        "EVENTS_PASSWORD": "of-the-writer",
        "KIBANA_PASSWORD": "of-kibana",
    }.items():
        monkeypatch.setenv(name, value)
    setup.main()
    setup.main()
    return elastic
