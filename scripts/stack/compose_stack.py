"""The running stack, as docker compose and its published ports show it. Used by the doctor."""

import base64
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ONCE = {"data", "prepare", "elastic-setup", "demo"}  # they do their work and end
SECONDS = 10
ALL_ADDRESSES = str(IPv4Address(0))  # ours as well


class CheckFailed(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, wrong: str, todo: str) -> None:
        super().__init__(wrong)
        self.todo = todo


def compose(*arguments: str) -> str:
    command = ["docker", "compose", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CheckFailed("there is no docker here", "install Docker, or use `make run`") from None
    if done.returncode != 0:
        raise CheckFailed(
            done.stderr.strip() or "docker compose failed", "is the Docker engine up?"
        )
    return done.stdout


class ComposeStack:
    """Looks once; what changes later is not seen."""

    def __init__(self) -> None:
        lines = compose("ps", "--format", "json").splitlines()
        self.rows: dict[str, Any] = {row["Service"]: row for row in map(json.loads, lines)}
        named = {*compose("config", "--services").split(), *self.rows}  # and those of a profile
        self.wanted = sorted(named - ONCE)

    def addresses(self) -> dict[str, list[tuple[str, int]]]:
        """Where each service is published, the ports in rising order."""
        found = {}
        for name, row in self.rows.items():
            ports = {(p["URL"], p["PublishedPort"]) for p in row["Publishers"] or ()}
            found[name] = sorted((ip, n) for ip, n in ports if n and ":" not in ip)
        return found

    def get(self, service: str, path: str, login: str = "", **parameters: str) -> Any:
        """The JSON at a path of a service, with a login `user:password` where it asks for one."""
        published = self.addresses().get(service)
        if not published:
            raise CheckFailed(f"{service} is not published", f"docker compose up -d {service}")
        ip, port = published[0]
        host = "127.0.0.1" if ip == ALL_ADDRESSES else ip
        asked = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        request = urllib.request.Request(f"http://{host}:{port}{path}{asked}")
        if login:
            token = base64.b64encode(login.encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  # nosec B310
                return json.load(answer)
        except (OSError, ValueError) as error:
            wrong = f"{service} does not answer {path}: {error}"
            raise CheckFailed(wrong, f"docker compose logs --tail 50 {service}") from None

    def query(self, promql: str) -> list[Any]:
        found = self.get("prometheus", "/api/v1/query", query=promql)["data"]["result"]
        return list(found)

    def number(self, promql: str) -> float | None:
        found = self.query(promql)
        return float(found[0]["value"][1]) if found else None
