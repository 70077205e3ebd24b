"""The services of `make run`: whether their ports are free, and a line for each once it is up."""

import argparse
import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import requests

from pipeline.settings import Settings, load_settings
from scripts.cli.command import CommandError, run

PATIENCE = 120.0
PAGE_PORT = "STREAMLIT_SERVER_PORT"


@dataclass(frozen=True)
class Service:
    what: str
    port: int
    health: str  # answers 200 once it is up
    shown: str  # what a person opens
    change: str  # the variable that moves it to another port

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def services(settings: Settings) -> list[Service]:
    serving, reporting = settings.serving, settings.reporting
    page = int(os.environ.get(PAGE_PORT, "8081"))
    return [
        Service("the API", serving.port, "/readyz", "/docs", "BOUCLE_SERVING__PORT"),
        Service("the page", page, "/_stcore/health", "", PAGE_PORT),
        Service("Evidently", reporting.ui_port, "/health", "", "BOUCLE_REPORTING__UI_PORT"),
        Service("figures", reporting.port, "/metrics", "/metrics", "BOUCLE_REPORTING__PORT"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.stack.local_services", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="only see whether the ports are free")
    options = parser.parse_args()
    known = services(load_settings())
    if options.check:
        check_ports(known)
        return
    watch(known)
    rest()


def rest() -> None:
    """Stay, as what takes 60 MB less: to run_services.py the end of one is the end of all."""
    os.execvp("tail", ["tail", "-f", "/dev/null"])  # noqa: S606  # nosec B606 B607


def check_ports(known: list[Service]) -> None:
    """Refuse before anything is started, and name every port that is taken."""
    taken = [service for service in known if is_taken(service.port)]
    if taken:
        lines = [
            f"Port {service.port}, for {service.what}, is taken by another program; stop that, or "
            f"choose another port: {service.change}={service.port + 1000} make run"
            for service in taken
        ]
        raise CommandError("\n".join(lines))


def is_taken(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def watch(known: list[Service]) -> None:
    """Say of each service when it is up, and of those that are late that they are not."""
    began = time.monotonic()
    waiting = list(known)
    while waiting and time.monotonic() - began < PATIENCE:
        for service in list(find_up(waiting)):
            waiting.remove(service)
            seconds = time.monotonic() - began
            print(f"{service.what:10} is up after {seconds:4.1f} s: {service.url(service.shown)}")
            sys.stdout.flush()
        time.sleep(0.2)
    for service in waiting:
        print(f"{service.what:10} is not up after {PATIENCE:.0f} s; its lines above say why")
    if not waiting:
        print("All is up. Ctrl-C stops everything; make demo shows the loop at work.", flush=True)


def find_up(waiting: list[Service]) -> Iterator[Service]:
    for service in waiting:
        with contextlib.suppress(requests.RequestException):
            if requests.get(service.url(service.health), timeout=2).ok:
                yield service


if __name__ == "__main__":
    run(main)
