"""Makes Elasticsearch and Kibana ready for the events; done twice it changes nothing.

ELASTICSEARCH_URL, KIBANA_URL (empty: none) and LOGS_DAYS say where and for how long,
ELASTIC_API_KEY or the password of `elastic` in ELASTIC_PASSWORD as whom. EVENTS_PASSWORD becomes
that of the user who may append; without it there is none, as where an API key is used.
KIBANA_PASSWORD, where set, becomes Kibana's own. Each may be the name of a file instead, as in
ELASTIC_PASSWORD_FILE. An authority of your own for their certificates: REQUESTS_CA_BUNDLE.
"""

import os
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
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

PATIENCE_SECONDS = 300.0
SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    url: str
    headers: dict[str, str]

    def send(self, method: str, path: str, **content: Any) -> requests.Response:
        """The answer; a CommandError with what it says against it."""
        headers = {**self.headers, **content.pop("headers", {})}
        try:
            answer = requests.request(
                method,
                self.url.rstrip("/") + path,
                headers=headers,
                auth=_no_netrc,
                timeout=SECONDS,
                **content,
            )
        except requests.RequestException as error:
            raise CommandError(f"{self.url} does not answer ({type(error).__name__}).") from None
        if not answer.ok:
            raise CommandError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Else requests would put a login from the user's file over ours."""
    return request


def main() -> None:
    address = read_variable("ELASTICSEARCH_URL")
    if not address:
        raise CommandError("ELASTICSEARCH_URL is not set; see docs/logs.md.")
    elastic = Server(address, log_in())
    wait_for(elastic, "/_cluster/health")
    put_templates(elastic, int(read_variable("LOGS_DAYS") or 30))
    print(f"Elasticsearch takes events into {STREAM}.")
    put_users(elastic, read_variable("EVENTS_PASSWORD"), read_variable("KIBANA_PASSWORD"))
    if address := read_variable("KIBANA_URL"):
        kibana = Server(address, elastic.headers)
        wait_for(kibana, "/api/status")
        put_objects(kibana)
        print("Kibana has the data view, the searches and the dashboards.")


def log_in() -> dict[str, str]:
    if key := read_variable("ELASTIC_API_KEY"):
        return {"Authorization": f"ApiKey {key}"}
    password = read_variable("ELASTIC_PASSWORD")
    if not password:
        raise CommandError("Neither ELASTIC_PASSWORD nor ELASTIC_API_KEY is set; see docs/logs.md.")
    return {"Authorization": f"Basic {b64encode(f'elastic:{password}'.encode()).decode()}"}


def read_variable(name: str) -> str:
    """Empty where it is not set."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, "").strip()


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


def put_templates(elastic: Server, days: int) -> None:
    """What is composed of others comes after them."""
    for path, body in (
        (f"/_ilm/policy/{NAME}", write_policy(days)),
        (f"/_component_template/{NAME}-mappings", write_mappings()),
        (f"/_component_template/{NAME}-settings", write_settings()),
        (f"/_index_template/{NAME}", write_index_template()),
        (f"/_security/role/{ROLE}", write_role()),
    ):
        elastic.send("PUT", path, json=body)


def put_users(elastic: Server, of_writer: str, of_kibana: str) -> None:
    if of_writer:
        elastic.send(
            "PUT", f"/_security/user/{USER}", json={"password": of_writer, "roles": [ROLE]}
        )
        print(f"The user {USER} may append events.")
    if of_kibana:
        path = "/_security/user/kibana_system/_password"
        elastic.send("POST", path, json={"password": of_kibana})


def put_objects(kibana: Server) -> None:
    files = {"file": ("boucle.ndjson", write_objects().encode())}
    path, headers = "/api/saved_objects/_import?overwrite=true", {"kbn-xsrf": "boucle"}
    answer = kibana.send("POST", path, files=files, headers=headers).json()
    if not answer.get("success"):
        raise CommandError(f"Kibana refused some objects: {str(answer.get('errors'))[:500]}")


if __name__ == "__main__":
    run(main)
