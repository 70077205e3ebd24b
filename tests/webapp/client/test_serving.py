"""The client against a server that answers as it is told."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.processes.servers import free_port
from webapp.client import serving
from webapp.client.serving import Client, RequestRejected, ServingBusy, ServingUnreachable
from webapp.settings import load_settings


class Told(BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = self.server.answer
        self.server.heard = self.headers
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def client_of(port, **environment):
    return Client(load_settings({"SERVING_URL": f"http://127.0.0.1:{port}", **environment}))


def error(message):
    return json.dumps({"error": {"code": "x", "message": message}}).encode()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (503, ServingBusy),
        (429, ServingBusy),
        (422, RequestRejected),
        (401, RequestRejected),
        (500, RequestRejected),
    ],
)
def test_an_error_is_told_in_servings_words(server, status, kind):
    server.answer = (status, error("It is so."))
    with pytest.raises(kind, match=r"It is so\."):
        client_of(server.server_port).model()


def test_a_stranger_at_the_address_is_noticed(server):
    server.answer = (200, b"<html>")
    with pytest.raises(RequestRejected, match="not as serving does"):
        client_of(server.server_port).model()
    server.answer = (404, b"<html>")
    with pytest.raises(RequestRejected, match="404"):
        client_of(server.server_port).model()


def test_nobody_there_is_away():
    with pytest.raises(ServingUnreachable, match="does not answer"):
        client_of(free_port()).model()


def test_serving_that_hangs_is_soon_told(monkeypatch):
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(ServingUnreachable, match="does not answer"),
    ):
        client_of(silent.getsockname()[1]).model()


def test_a_proxy_of_the_desk_is_not_asked(server, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    server.answer = (200, b'{"version": "0001"}')
    assert client_of(server.server_port).model() == {"version": "0001"}


def test_the_key_is_sent_whatever_is_in_it(server):
    server.answer = (200, b"{}")
    client_of(server.server_port, API_KEY="schlüssel").model()
    assert server.heard["Authorization"].encode("latin-1").decode() == "Bearer schlüssel"
