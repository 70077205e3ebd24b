"""Where uvicorn alone would do otherwise: stopped for a while, and with bodies in many parts."""

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import uvicorn

from tests.serving.ways import RoutesAlone
from tests.support.processes.servers import ROOT, free_port, wait_for

pytestmark = pytest.mark.slow  # processes that are started, stopped and killed

IDLE_SECONDS = 2.0  # after which a connection without a request is closed
SLOW_SECONDS = 0.7
LARGE = 12_000_000  # bytes, more than sockets hold


async def app(scope, receive, send):
    """Says in how many parts it was given the body."""
    parts, more = 0, True
    if scope["path"] == "/slowly":
        await asyncio.sleep(SLOW_SECONDS)
    while more:
        more = (await receive())["more_body"]
        parts += 1
    await send({"type": "http.response.start", "status": 200})
    body = b"x" * LARGE if scope["path"] == "/large" else b"%d" % parts
    await send({"type": "http.response.body", "body": body})


def serve(port):
    uvicorn.run(
        RoutesAlone(app),
        port=port,
        loop="uvloop",
        http="serving.fast_path.protocol:FastPathProtocol",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        timeout_keep_alive=IDLE_SECONDS,
    )


def listens(port):
    with contextlib.suppress(ConnectionError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True


@contextlib.contextmanager
def own_server():
    port = free_port()
    command = [sys.executable, "-c", f"import {__name__} as test; test.serve({port})"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_for(lambda: listens(port))
            yield process.pid, port
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server():
    with own_server() as running:
        yield running


@contextlib.contextmanager
def connected(port):
    """Over a connection that is idle after its first request."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as idle:
        idle.request("GET", "/")
        assert idle.getresponse().read() == b"1"
        yield idle


def test_a_request_is_answered_though_the_idle_time_ran_out_before_it_was_seen(server):
    pid, port = server
    with connected(port) as idle:
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
        idle.request("GET", "/")
        time.sleep(1.2 * IDLE_SECONDS)
        os.kill(pid, signal.SIGCONT)
        assert idle.getresponse().read() == b"1"


def test_an_idle_connection_is_closed_in_the_end(server):
    _, port = server
    with connected(port) as idle:
        assert idle.sock.recv(1) == b""


def slowly(parts):
    for part in parts:
        yield part
        time.sleep(0.02)


def test_a_small_body_in_parts_is_handed_on_whole(server):
    _, port = server
    with connected(port) as connection:
        connection.request("POST", "/", slowly([b"x"] * 10))
        assert connection.getresponse().read() == b"1"


def test_a_large_body_does_not_pile_up(server):
    _, port = server
    with connected(port) as connection:
        connection.request("POST", "/", slowly([b"x" * 100_000] * 10))
        assert int(connection.getresponse().read()) > 1


def test_what_is_large_behind_another_request_does_not_pile_up_either(server):
    """The one who pauses reading is the one who resumes it."""
    pid, port = server
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head("GET /slowly") + head("POST /slowly", "content-length: 200000000"))
        before, ends = memory(pid), time.monotonic() + 1.7 * SLOW_SECONDS
        connection.settimeout(0.05)
        while time.monotonic() < ends:
            with contextlib.suppress(TimeoutError):
                connection.sendall(b"x" * 100_000)
        assert memory(pid) - before < 50 * 1024**2


def head(start, *fields):
    return "\r\n".join([f"{start} HTTP/1.1", "host: x", *fields, "", ""]).encode()


def memory(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


def test_requests_that_came_together_are_all_answered_when_serving_stops():
    with own_server() as (pid, port), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head("GET /slowly") * 3)
        os.kill(pid, signal.SIGTERM)
        assert read(connection).count(b"HTTP/1.1 200") == 3


def test_a_request_that_waits_for_a_slow_reader_is_answered_when_serving_stops():
    with own_server() as (pid, port), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head("GET /large") + head("GET /"))
        os.kill(pid, signal.SIGTERM)
        time.sleep(0.4)  # so long nothing is read
        assert read(connection).count(b"HTTP/1.1 200") == 2


def test_empty_lines_keep_no_connection(server):
    _, port = server
    with socket.create_connection(("127.0.0.1", port), timeout=0.2) as connection:
        ends = time.monotonic() + 10 * IDLE_SECONDS
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < ends:
                connection.sendall(b"\r\n")
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(1):
                        return
            pytest.fail("it is kept for ever")


def read(connection):
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            received += chunk
    return received
