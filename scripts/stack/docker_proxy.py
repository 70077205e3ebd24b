"""Lets cAdvisor read the names of containers, and nothing else, from the socket of Docker.

Whoever may write to that socket has the machine; this passes on a few ways of reading.
"""

import http.client
import re
import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 2375
SOCKET = Path("/var/run/docker.sock")
SECONDS = 30.0
NAME = r"[A-Za-z0-9][A-Za-z0-9_.:@/-]*"
READING = re.compile(
    rf"(/v[0-9.]+)?/(_ping|version|info|containers/json|images/json|(containers|images)/{NAME}/json)"
    r"(\?[A-Za-z0-9_=&%.,:-]*)?"
)


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    socket = SOCKET

    def do_GET(self) -> None:
        if READING.fullmatch(self.path) is None or ".." in self.path:
            self._answer(HTTPStatus.FORBIDDEN, b"this is closed\n")
            return
        engine = Engine(self.socket)
        try:
            engine.request(self.command, self.path)
            answer = engine.getresponse()
            self._answer(answer.status, answer.read(), answer.headers)
        except (OSError, http.client.HTTPException):
            self._answer(HTTPStatus.BAD_GATEWAY, b"the engine does not answer\n")
        finally:
            engine.close()

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, content: bytes, headers: Any = ()) -> None:
        self.send_response(status)
        for name in ("Content-Type", "Api-Version", "Docker-Experimental", "Ostype"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the name is given
        """cAdvisor asks often."""


class Engine(http.client.HTTPConnection):
    """Docker's API behind its socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def main() -> None:
    with ThreadingHTTPServer(("", PORT), Proxy) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
