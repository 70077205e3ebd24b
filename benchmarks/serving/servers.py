"""Starts the servers that serving.py measures, and ends every process of them."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving.load import MeasurementError, Request, check
from benchmarks.serving.processes import all_processes, family

ROOT = Path(__file__).parents[2]
START_LIMIT = 120.0
STOP_LIMIT = 5.0
SETTLE = 0.3


@dataclass(frozen=True)
class Launch:
    """How to start a contender, and what to send to it: a request, given the port."""

    command: list[str]
    request: Callable[[int], Request]
    env: dict[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    note: str = ""


@dataclass(frozen=True)
class Server:
    pid: int
    port: int
    request: Request
    note: str


@contextmanager
def running(launch: Launch, port: int, log: Path, core: int | None) -> Iterator[Server]:
    """Run a server on one core and in a session of its own until the block ends."""
    pin = [] if core is None else ["taskset", "--cpu-list", str(core)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*pin, *launch.command],
            cwd=launch.folder,
            env={**os.environ, **launch.env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        request = first_answered(launch, port, process, log)
        yield Server(process.pid, port, request, launch.note)
    finally:
        stop(process)


def first_answered(
    launch: Launch, port: int, process: subprocess.Popen[bytes], log: Path
) -> Request:
    """The request to measure with, once the server gives it the right answer."""
    deadline = time.monotonic() + START_LIMIT
    while True:
        try:
            request = launch.request(port)
            check(port, request)
            return request
        except MeasurementError as error:
            if process.poll() is not None:
                reason = last_error(log.read_text(errors="replace"))
                raise MeasurementError(f"it ended at start: {reason}") from error
            if time.monotonic() > deadline:
                raise MeasurementError(f"not ready in {START_LIMIT:.0f} s: {error}") from error
        time.sleep(0.1)


@contextmanager
def awake(server: Server) -> Iterator[None]:
    """Let a server run for the block only: some poll, which would cost the others."""
    signal_family(server.pid, signal.SIGCONT)
    time.sleep(SETTLE)
    try:
        yield
    finally:
        time.sleep(SETTLE)  # a slow server still works off what wrk broke off
        signal_family(server.pid, signal.SIGSTOP)


def signal_family(root: int, number: signal.Signals) -> None:
    for member in family(root):
        with suppress(ProcessLookupError):
            os.kill(member.pid, number)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end; what is left of its family after a while is killed."""
    signal_family(process.pid, signal.SIGCONT)
    members = {(member.pid, member.started) for member in family(process.pid)}
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_LIMIT)
    for left in all_processes():
        if (left.pid, left.started) in members:
            with suppress(ProcessLookupError):
                os.kill(left.pid, signal.SIGKILL)
    process.wait()


def prepare(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run what a server needs done before its start."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        what = " ".join(Path(part).name for part in command[1:4])
        raise MeasurementError(f"{what} failed: {last_error(done.stdout + done.stderr)}")


def last_error(text: str) -> str:
    """The last error in a log; where none names itself, the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (errors or lines or ["it printed nothing"])[-1][:200]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
