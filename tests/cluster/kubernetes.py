"""Speaks to a cluster as its users do: kubectl, helm, and HTTP to addresses of the cluster."""

import base64
import json
import os
import subprocess
import time
from datetime import datetime

import requests

from tests.support.processes.servers import ROOT

CHART = ROOT / "charts" / "boucle"
SPACE, RELEASE = "boucle-ci", "boucle"
SECONDS = 180


def run(*command, check=True):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr[-2000:]}{done.stdout[-500:]}")
    return done.stdout


def kubectl(*command, check=True):
    return run("kubectl", "--namespace", SPACE, *command, check=check)


def helm(*command):
    return run("helm", "--namespace", SPACE, *command)


def get(kind, *more):
    return json.loads(kubectl("get", kind, "--output", "json", *more))


def pods(part, ready=True):
    """Its pods that are not about to end."""
    label = f"app.kubernetes.io/component={part}"
    found = get("pods", "--selector", label)["items"]
    alive = [one for one in found if "deletionTimestamp" not in one["metadata"]]
    return [one for one in alive if not ready or condition(one, "Ready")["status"] == "True"]


def condition(pod, kind):
    found = {one["type"]: one for one in pod["status"].get("conditions", [])}
    return found.get(kind, {"status": "False"})


def seconds_to_ready(pod):
    """From the scheduler's word to the kubelet's, in whole seconds, as the API has them."""
    times = [condition(pod, kind)["lastTransitionTime"] for kind in ("PodScheduled", "Ready")]
    begin, end = (datetime.fromisoformat(moment) for moment in times)
    return (end - begin).total_seconds()


def address(service):
    return get("service", f"{RELEASE}-{service}")["spec"]["clusterIP"]


def wait_for(look, seconds=SECONDS):
    """The first answer that is neither empty nor false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for nothing; {kubectl('get', 'pods')}")


class Api:
    """Serving behind its Service, or one pod of it."""

    def __init__(self, host=None):
        self.url = f"http://{host or address('serving')}:8080"
        stored = get("secret", f"{RELEASE}-keys")["data"]
        key = base64.b64decode(stored["admin.key"]).decode()
        self.headers = {"Authorization": f"Bearer {key}"}
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, method, path, **content):
        return self.session.request(
            method, self.url + path, headers=self.headers, timeout=30, **content
        )

    def json(self, method, path, **content):
        answer = self.send(method, path, **content)
        assert answer.ok, answer.text
        return answer.json()


def environment():
    return {name: os.environ.get(name, "") for name in ("OLD_TAG", "NEW_TAG", "STORAGE_VALUES")}
