"""Heads, upgrades and trailers as nobody means well sends them, against a real server."""

import json
import socket
import time

import pytest

LIMIT = 32_768


def talk(server, *parts, seconds=5.0):
    """Send the parts, and read until the server closes or is silent."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError):
            pass
    return received


def status(answer):
    return int(answer.split(b" ", 2)[1])


def head(*lines, target="GET /livez"):
    return "\r\n".join([f"{target} HTTP/1.1", "host: localhost", *lines, "", ""]).encode()


def test_a_head_that_is_too_large_is_refused(cancer_server):
    answer = talk(cancer_server, head("x-large: " + "a" * LIMIT))
    assert status(answer) == 431
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "head_too_large"


def test_so_is_one_value_without_an_end(cancer_server):
    """62 MB of it were kept in memory."""
    parts = [b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx-large: ", *[b"a" * 16_384] * 200]
    assert status(talk(cancer_server, *parts)) == 431


def test_so_are_more_than_a_hundred_fields(cancer_server):
    fields = [f"x-{place}: y" for place in range(99)]
    assert status(talk(cancer_server, head(*fields, "connection: close"))) == 431
    assert status(talk(cancer_server, head(*fields[:98], "connection: close"))) == 200


def test_a_target_without_an_end_is_refused(cancer_server):
    assert status(talk(cancer_server, b"GET /" + b"a" * 100_000)) == 431


@pytest.mark.parametrize(
    "request_head",
    [
        head("connection: upgrade", "upgrade: h2c"),
        head("connection: Upgrade", "upgrade: websocket"),
        head(target="CONNECT localhost:80"),
    ],
    ids=["h2c", "websocket", "connect"],
)
def test_what_follows_an_upgrade_is_not_read(cancer_server, request_head):
    """A proxy took it for a part of the connection, serving for a request of its own."""
    smuggled = head(target="GET /schema")
    answer = talk(cancer_server, request_head + smuggled)
    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1") == 1


def test_a_key_in_a_trailer_opens_nothing(cancer_server):
    chunked = head(
        *("transfer-encoding: chunked", "content-type: application/json", "connection: close"),
        target="POST /retrain",
    )
    trailer = f"2\r\n{{}}\r\n0\r\nx-api-key: {cancer_server.installation.key('admin')}\r\n\r\n"
    assert status(talk(cancer_server, chunked + trailer.encode())) == 401


def test_trailers_without_an_end_are_refused(cancer_server):
    chunked = head("transfer-encoding: chunked", target="POST /predict") + b"0\r\n"
    trailers = b"".join(b"x-%d: y\r\n" % place for place in range(20_000))
    assert 400 <= status(talk(cancer_server, chunked, trailers)) < 500


def test_others_are_answered_all_the_while(cancer_server):
    assert status(talk(cancer_server, head("connection: close"))) == 200


@pytest.mark.parametrize("path", ["/predict", "/feedback", "/retrainings"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["origin: http://evil.example"], 403),
        (["sec-fetch-site: cross-site"], 403),
        (["origin: null"], 403),
    ],
)
def test_a_page_of_another_site_changes_nothing(cancer_server, path, lines, expected):
    body = b"{}"
    answer = talk(
        cancer_server,
        head(
            *lines,
            *("content-type: application/json", "content-length: 2", "connection: close"),
            target=f"POST {path}",
        )
        + body,
    )
    assert status(answer) == expected


@pytest.mark.parametrize("target", ["GET /livez", "GET /schema", "POST /predict"])
def test_a_name_that_a_stranger_points_here_is_not_answered(cancer_server, target):
    lines = [f"{target} HTTP/1.1", "host: evil.example:8080", "connection: close"]
    lines += ["content-type: application/json", "content-length: 2"]
    answer = talk(cancer_server, "\r\n".join([*lines, "", "{}"]).encode())
    assert status(answer) == 421


def test_nobody_may_frame_it(cancer_server):
    answer = talk(cancer_server, head("connection: close", target="GET /docs")).lower()
    assert b"content-security-policy: frame-ancestors 'none'" in answer
    assert b"x-content-type-options: nosniff" in answer


def test_a_text_of_a_megabyte_is_not_recorded(mixed_server):
    with mixed_server.connect() as client:
        schema = client.get("/schema").json()
        features = {f["name"]: f.get("example") for f in schema["features"]}
        features["plan"] = "x" * 1_001
        answer = client.post("/predict", json={"features": features})
        assert answer.status_code == 422
        assert "longer than 1,000 characters" in answer.text
        features["plan"] = "x" * 1_000
        assert client.post("/predict", json={"features": features}).status_code == 200


def closed_within(connection, seconds):
    """Whether the server lets go of it, whatever it still sends."""
    end = time.monotonic() + seconds
    connection.settimeout(1)
    while time.monotonic() < end:
        try:
            if not connection.recv(65536):
                return True
        except TimeoutError:
            continue
        except ConnectionResetError:
            return True
    return False


@pytest.mark.slow
def test_a_body_that_goes_on_after_its_answer_is_cut_off(cancer_server):
    with socket.create_connection(("127.0.0.1", cancer_server.port)) as connection:
        connection.sendall(head("content-length: 1000"))
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert closed_within(connection, 60)


def test_a_client_that_reads_nothing_is_not_answered_on(cancer_server):
    """Its answers were made into the memory of the system, and others waited meanwhile."""

    def count():
        name = 'api_requests_total{handler="/openapi.json",method="GET",status="200"} '
        lines = cancer_server.client.get("/metrics").text.splitlines()
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    cancer_server.client.get("/openapi.json").raise_for_status()
    before = count()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", cancer_server.port))
        connection.sendall(head(target="GET /openapi.json") * 20)
        while count() == before:
            time.sleep(0.05)
        time.sleep(0.5)
        assert count() - before <= 3


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_let_go(cancer_server):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", cancer_server.port))
        connection.setblocking(False)
        asked = head(target="GET /openapi.json") * 20
        waited = time.monotonic() + 90
        while time.monotonic() < waited:
            try:
                connection.send(asked)
            except BlockingIOError:
                time.sleep(0.5)
            except (BrokenPipeError, ConnectionResetError):
                return
        pytest.fail("it is kept for ever")
