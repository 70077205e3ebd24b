"""The running stack, as `docker compose` and its published ports show it."""

import json
import os
import subprocess
import time

import httpx

from tests.support.processes.servers import ROOT

SERVING = "http://127.0.0.1:8080"
WEBAPP = "http://127.0.0.1:8081"
EVIDENTLY = "http://127.0.0.1:8082"
FIGURES = "http://127.0.0.1:8083"
PROMETHEUS = "http://127.0.0.1:9090"
ALERTMANAGER = "http://127.0.0.1:9093"
client = httpx.Client(timeout=60, trust_env=False)


def compose(*arguments):
    done = subprocess.run(
        ["docker", "compose", *arguments],
        cwd=ROOT,
        env={name: text for name, text in os.environ.items() if not name.startswith("BOUCLE_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def containers():
    return [json.loads(line) for line in compose("ps", "--all", "--format=json").splitlines()]


def services():
    """Those that run; the others have done their work or were not started."""
    return {row["Service"]: row for row in containers() if row["State"] != "exited"}


def ill():
    return {name: row["Status"] for name, row in services().items() if row["Health"] != "healthy"}


def alertmanager_login():
    password = compose("exec", "-T", "alertmanager", "cat", "/run/secrets/boucle/password")
    return "boucle", password.strip()


def get(url, auth=None, **parameters):
    answer = client.get(url, params=parameters, auth=auth)
    answer.raise_for_status()
    return answer.json()


def post(url, body, auth=None):
    answer = client.post(url, json=body, auth=auth)
    answer.raise_for_status()
    return answer.json()


def query(promql):
    return get(f"{PROMETHEUS}/api/v1/query", query=promql)["data"]["result"]


def sql(statement):
    return compose("exec", "-T", "postgres", "psql", "-Atqc", statement, "-U", "boucle").strip()


def wait_until(holds, seconds=180):
    """What `holds` says once it says something true; the services may restart meanwhile."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            said = holds()
        except (httpx.HTTPError, AssertionError, ValueError) as error:
            said, why = None, error
        else:
            why = said
        if said:
            return said
        assert time.monotonic() < deadline, why
        time.sleep(1)
