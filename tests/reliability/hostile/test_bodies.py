"""Bodies of 100 MB, and 400 that never end: memory stays, and others are served meanwhile."""

import contextlib
import http.client
import json
import socket
from pathlib import Path

import pytest

from tests.support.processes.servers import serving

pytestmark = pytest.mark.reliability
SLOW, MEGABYTES_MORE = 400, 50
BODY, PART = 100_000_000, 1_000_000
PIXELS = [3.0] * 64
PATHS = ["/predict", "/predict/batch", "/feedback", "/predict/file"]


@pytest.fixture(scope="module")
def server(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bodies")
    with serving(digits.copy(folder, SERVING__BODY_SECONDS="5")) as running:
        for _ in range(200):  # what it needs in any case it has then
            running.predict(PIXELS)
        yield running


@contextlib.contextmanager
def little_memory(server):
    """Within the block the process takes hardly more at any time than before."""
    before = resident(server, "VmRSS")
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # the peak begins anew
    yield
    assert resident(server, "VmHWM") - before < MEGABYTES_MORE


def resident(server, which):
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return int(status[which].split()[0]) / 1024


def begin(path, length):
    """The head of a request, and how its body begins."""
    kind, body = "application/json", b"["
    if path.endswith("file"):
        kind = "multipart/form-data; boundary=B"
        body = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    lines = [f"POST {path} HTTP/1.1", "host: x", f"content-type: {kind}", length, "", ""]
    return "\r\n".join(lines).encode(), body


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_hundred_megabytes_is_refused_and_takes_no_memory(server, path, chunked):
    length = "transfer-encoding: chunked" if chunked else f"content-length: {BODY}"
    head, first = begin(path, length)
    answer = b""
    with (
        little_memory(server),
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection,
        contextlib.suppress(ConnectionError),  # it hangs up before all of it is sent
    ):
        connection.sendall(head)
        for part in [first, *[b"[" * PART] * (BODY // PART)]:
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
        answer = connection.recv(65536)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413")
    assert server.predict(PIXELS)


def read_answer(connection):
    """Its body: the head may come by itself."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.read()


def test_four_hundred_slow_bodies_are_cut_off_while_others_are_served(server):
    with little_memory(server), contextlib.ExitStack() as stack:
        slow = []
        for number in range(SLOW):
            address = ("127.0.0.1", server.port)
            connection = stack.enter_context(socket.create_connection(address, timeout=20))
            head, first = begin(PATHS[number % len(PATHS)], "content-length: 5000000")
            connection.sendall(head + first + b"[" * 20_000)
            slow.append(connection)
        for _ in range(200):
            server.predict(PIXELS)
        answers = [json.loads(read_answer(one)) for one in slow]
    assert {answer["error"]["code"] for answer in answers} == {"body_too_slow"}
