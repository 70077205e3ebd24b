"""Of Docker's API only what names containers is passed on."""

import contextlib
import http.client
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scripts.stack.docker_proxy import Proxy


class Engine(BaseHTTPRequestHandler):
    """Answers everything, as an engine that was taken over would."""

    def do_GET(self):
        content = f"the engine did {self.command} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Api-Version", "1.47")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_HEAD(self):
        self.do_GET()

    def address_string(self):
        return "a socket"

    def log_message(self, *_):
        pass


class OverSocket(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(tmp_path):
    behind = OverSocket(str(tmp_path / "docker.sock"), Engine)
    proxy = type("Here", (Proxy,), {"socket": tmp_path / "docker.sock"})
    with serving(behind), serving(ThreadingHTTPServer(("127.0.0.1", 0), proxy)) as front:

        def send(method, path):
            connection = http.client.HTTPConnection("127.0.0.1", front.server_port, timeout=5)
            with contextlib.closing(connection):
                connection.putrequest(method, path, skip_host=False)
                connection.endheaders()
                answer = connection.getresponse()
                return answer.status, answer.read().decode(), answer.headers

        yield send


@pytest.mark.parametrize(
    "path",
    [
        *("/_ping", "/version", "/v1.47/info", "/v1.47/containers/json?all=1&limit=0"),
        *("/v1.47/containers/0a1b2c/json", "/v1.47/images/prom/prometheus:v3.5.3/json"),
    ],
)
def test_what_names_containers_is_passed_on(ask, path):
    status, content, headers = ask("GET", path)
    assert (status, content) == (200, f"the engine did GET {path}")
    assert headers["Api-Version"] == "1.47"


def test_a_head_is_asked_as_such(ask):
    assert ask("HEAD", "/_ping")[:2] == (200, "")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/containers/create"),
        ("POST", "/v1.47/containers/0a1b2c/exec"),
        ("DELETE", "/containers/0a1b2c"),
        ("PUT", "/containers/0a1b2c/archive"),
        ("GET", "/containers/0a1b2c/archive?path=/"),
        ("GET", "/containers/0a1b2c/logs"),
        ("GET", "/containers/../secrets/json"),
        ("GET", "/secrets"),
        ("GET", "/v1.47/containers/0a1b2c/json%0d%0aX"),
        ("GET", "http://localhost/containers/create"),
    ],
)
def test_nothing_else_is(ask, method, path):
    status, content, _ = ask(method, path)
    assert status in (403, 501)
    assert "the engine did" not in content


def test_without_an_engine_it_says_so(ask, tmp_path):
    (tmp_path / "docker.sock").unlink()
    assert ask("GET", "/version")[0] == 502
