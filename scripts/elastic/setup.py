"""Makes Elasticsearch and Kibana ready for the events; done twice it changes nothing.

ELASTICSEARCH_URL, KIBANA_URL (empty: none) and LOGS_DAYS say where and for how long; the password
of the user `elastic` stands in ELASTIC_PASSWORD, that of the one who may append in EVENTS_PASSWORD.
An authority of your own for their certificates is named in REQUESTS_CA_BUNDLE.
"""

import os
import time
from dataclasses import dataclass
from typing import Any

import requests

from scripts.cli.command import CommandError, run
from scripts.elastic.saved_objects import write_objects
from scripts.elastic.templates import (
    NAME,
    ROLE,
    STREAM,
    USER,
    write_index_template,
    write_mappings,
    write_policy,
    write_role,
    write_settings,
)

PATIENCE_SECONDS = 180.0
SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    url: str
    password: str

    def send(self, method: str, path: str, **content: Any) -> requests.Response:
        """The answer; a CommandError with what it says against it."""
        try:
            answer = requests.request(
                method,
                self.url.rstrip("/") + path,
                auth=("elastic", self.password),
                timeout=SECONDS,
                **content,
            )
        except requests.RequestException as error:
            raise CommandError(f"{self.url} does not answer ({type(error).__name__}).") from None
        if not answer.ok:
            raise CommandError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer


def main() -> None:
    elastic = Server(_read("ELASTICSEARCH_URL"), _read("ELASTIC_PASSWORD"))
    wait_for(elastic, "/_cluster/health")
    put_templates(elastic, int(os.environ.get("LOGS_DAYS") or 30), _read("EVENTS_PASSWORD"))
    print(f"Elasticsearch takes events into {STREAM}, from the user {USER}.")
    if address := os.environ.get("KIBANA_URL"):
        kibana = Server(address, elastic.password)
        wait_for(kibana, "/api/status")
        put_objects(kibana)
        print("Kibana has the data view and the searches.")


def _read(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise CommandError(f"{name} is not set; see docs/logs.md.")
    return value


def wait_for(server: Server, path: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            server.send("GET", path)
            return
        except CommandError as error:
            if time.monotonic() > end or "401" in str(error):
                raise
        time.sleep(1)


def put_templates(elastic: Server, days: int, password: str) -> None:
    """What is composed of others comes after them."""
    for path, body in (
        (f"/_ilm/policy/{NAME}", write_policy(days)),
        (f"/_component_template/{NAME}-mappings", write_mappings()),
        (f"/_component_template/{NAME}-settings", write_settings()),
        (f"/_index_template/{NAME}", write_index_template()),
        (f"/_security/role/{ROLE}", write_role()),
        (f"/_security/user/{USER}", {"password": password, "roles": [ROLE]}),
    ):
        elastic.send("PUT", path, json=body)


def put_objects(kibana: Server) -> None:
    files = {"file": ("boucle.ndjson", write_objects().encode())}
    path, headers = "/api/saved_objects/_import?overwrite=true", {"kbn-xsrf": "boucle"}
    answer = kibana.send("POST", path, files=files, headers=headers).json()
    if not answer.get("success"):
        raise CommandError(f"Kibana refused some objects: {str(answer.get('errors'))[:500]}")


if __name__ == "__main__":
    run(main)
