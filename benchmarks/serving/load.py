"""Loads one server with wrk; used by serving.py."""

import json
import subprocess
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.serving.processes import cpu_seconds

SCRIPT = """
{request}
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\n{{"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "bad": %d, "broken": %d}}\\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""

POST = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[{body}]==]
"""


class MeasurementError(Exception):
    """A contender cannot be measured; the message is the reason."""


@dataclass(frozen=True)
class Request:
    """What to send, and what a right answer contains; no body makes it a GET."""

    path: str
    body: bytes | None
    expect: bytes


@dataclass(frozen=True)
class Load:
    """So many clients, each of which asks again as soon as it is answered."""

    connections: int
    seconds: int


def make_load(connections: int, seconds: int) -> Load:
    """Where many wait, the slowest server answers nobody within a second: it takes longer there."""
    return Load(connections, seconds * max(1, connections // 16))


@dataclass(frozen=True)
class Burst:
    """What some seconds of load showed: µs of CPU a request, requests a second, milliseconds."""

    cpu: float
    rate: float
    p50: float
    p99: float


def send(port: int, path: str, body: bytes | None = None) -> bytes:
    """Return the body of a 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"content-type": "application/json"} if body else {}
    try:
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as error:
        raise MeasurementError(f"{path}: {error!r}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise MeasurementError(f"{path} answered {answer.status}: {content[:200]!r}")
    return content


def check(port: int, request: Request) -> None:
    """Send the request once; it has to be answered with what it expects."""
    answer = send(port, request.path, request.body)
    if request.expect not in answer:
        raise MeasurementError(f"{request.path} answered {answer[:200]!r}")


def measure(pid: int, port: int, request: Request, load: Load, folder: Path) -> Burst:
    """Check one answer, load the server, and divide its CPU time by the requests."""
    check(port, request)
    before = cpu_seconds(pid)
    seen = run_wrk(port, request, load, folder)
    spent = cpu_seconds(pid) - before
    if seen["bad"] or seen["broken"] or not seen["requests"]:
        raise MeasurementError(
            f"of {seen['requests']:.0f} requests {seen['bad']:.0f} were refused "
            f"and {seen['broken']:.0f} broken off"
        )
    rate = seen["requests"] / seen["seconds"]
    return Burst(spent / seen["requests"] * 1e6, rate, seen["p50"], seen["p99"])


def run_wrk(port: int, request: Request, load: Load, folder: Path) -> dict[str, float]:
    post = POST.format(body=request.body.decode()) if request.body else ""
    script = folder / "request.lua"
    script.write_text(SCRIPT.format(request=post))
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--latency"]
    command += ["--timeout", "20s"]  # a slow server is slow, not broken
    command += ["-s", str(script), f"http://127.0.0.1:{port}{request.path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasurementError(f"wrk failed: {done.stderr.strip()}")
    numbers: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return numbers
