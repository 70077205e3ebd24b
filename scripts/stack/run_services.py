"""Runs the services that a Procfile names, side by side, until one ends: then all do.

`python -m scripts.stack.run_services [--procfile FILE]`. Each line that a service writes has its
name before it. This process outlives them all, so it imports Python's own library alone: 12 MB.
"""

import argparse
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

LINE = re.compile(r"([\w-]+):\s*(\S.*)")
COLOURS = (36, 33, 32, 35, 34, 31)  # of a terminal
POLL_SECONDS = 0.2


class Service:
    """A process group, and what it writes."""

    def __init__(self, name: str, command: str, prefix: str) -> None:
        self.name, self._prefix, self._begun = name, prefix, b""
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec env {command}"],  # assignments may stand before it
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # else Ctrl-C would reach it before its turn
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self._process.stdout is not None  # nosec B101  # for mypy
        self.output = self._process.stdout

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def signal(self, number: int) -> None:
        """To all of its processes; those it left behind too."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def pass_on(self) -> bool:
        """Show the lines that it wrote; False when there will be no more."""
        read = os.read(self.output.fileno(), 65_536)
        *lines, self._begun = (self._begun + read).split(b"\n")
        if not read and self._begun:
            lines.append(self._begun)
        for line in lines:
            text = line.decode(errors="replace")
            print(f"{time.strftime('%H:%M:%S')} {self._prefix} | {text}", flush=True)
        return bool(read)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.stack.run_services", description=__doc__
    )
    parser.add_argument("--procfile", type=Path, default=Path("Procfile"))
    parser.add_argument("--patience", type=float, default=15.0, help="seconds to end in")
    options = parser.parse_args()
    sys.exit(run(dict(read_procfile(options.procfile.read_text())), options.patience))


def read_procfile(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := LINE.fullmatch(line.strip()):
            yield found[1], found[2]


def run(named: dict[str, str], patience: float) -> int:
    """The code of the service that ended first; 0 when we were told to end."""
    told: list[int] = []

    def tell(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, tell)
    width = max(map(len, named))
    with selectors.DefaultSelector() as selector:
        services = []
        for place, (name, command) in enumerate(named.items()):
            prefix = name.ljust(width)
            if sys.stdout.isatty():
                prefix = f"\033[{COLOURS[place % len(COLOURS)]}m{prefix}\033[0m"
            services.append(Service(name, command, prefix))
            selector.register(services[-1].output, selectors.EVENT_READ, services[-1])
        ended: list[Service] = []
        try:
            while not told and not ended:
                pass_on(selector)
                ended = [one for one in services if one.code is not None]
            if ended and not told:
                pass_on(selector)  # its last words
                print(f"{ended[0].name} ended with {ended[0].code}: all end", flush=True)
        finally:  # also when nobody reads what we write any more
            end(services, selector, patience)
        return 0 if told else ended[0].code or 0


def pass_on(selector: selectors.BaseSelector) -> None:
    for key, _ in selector.select(POLL_SECONDS):
        if not key.data.pass_on():
            selector.unregister(key.fileobj)


def end(services: list[Service], selector: selectors.BaseSelector, patience: float) -> None:
    """Ask all to end, show their last lines, and kill what has not ended in time."""
    for service in services:
        service.signal(signal.SIGTERM)
    try:
        deadline = time.monotonic() + patience
        while any(one.code is None for one in services) and time.monotonic() < deadline:
            pass_on(selector)
    finally:
        for service in services:
            service.signal(signal.SIGKILL)
    while selector.get_map() and selector.select(0):
        pass_on(selector)


if __name__ == "__main__":
    main()
