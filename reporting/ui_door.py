"""The port of the Evidently UI: always open, though its process runs only while somebody looks.

Evidently takes 390 MB and some seconds to start. Meanwhile a page here says so and comes again by
itself. After a while without a request the process ends, and this answers again.
"""

import logging
import os
import select
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from pipeline.hosts import Hosts
from pipeline.setting_tables import ReportingSettings
from reporting.subprocesses import END_WITH_PARENT, environment

log = logging.getLogger(__name__)
HEALTH = "/health"  # asked by those who only want to know; nobody starts for it
POLL_SECONDS, HEAD_SECONDS, RETRY_SECONDS = 0.2, 5.0, 2
STYLE = "body{font:16px system-ui;margin:20vh auto;max-width:30em;color-scheme:light dark}"
STARTING = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>Evidently starts</title><style>{STYLE}</style></head>
<body><h1>Evidently is starting</h1><p>This takes some seconds. The page comes by itself.</p></body>
</html>
"""


class UiDoor:
    """A context in which the port is open."""

    def __init__(self, wanted: ReportingSettings, hosts: Hosts) -> None:
        self._wanted = wanted
        self._hosts = hosts
        self._asked, self._ended = threading.Event(), threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = -1  # a pipe into which the process says that it answers
        if not wanted.ui_idle_minutes:
            self._asked.set()

    def open(self) -> None:
        """OSError when the port is taken."""
        place = (self._wanted.host, self._wanted.ui_port)
        self._socket = socket.create_server(place, family=_family(place), backlog=128)
        self._socket.settimeout(POLL_SECONDS)  # who finds that another has accepted goes on
        self._server = _Server(self._socket, self)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        process = self._process
        if process is not None:
            process.terminate()
        self._thread.join(timeout=10)
        self._socket.close()

    @property
    def state(self) -> str:
        return "resting" if self._process is None else "starting"

    def ask(self) -> None:
        self._asked.set()

    def allows(self, host: str | None) -> bool:
        return self._hosts.allow(None if host is None else host.encode("latin-1", "replace"))

    def _run(self) -> None:
        while not self._ended.is_set():
            if self._process is None and self._asked.is_set():
                self._start()
            if self._process is not None and select.select([self._ready], [], [], 0)[0]:
                self._let_it_answer(self._process, os.read(self._ready, 1) != b"")
            else:
                self._server.handle_request()
        if self._process is not None:
            self._process.wait(timeout=5)

    def _start(self) -> None:
        log.info("The Evidently UI starts")
        self._ready, told = os.pipe()
        door = self._socket.fileno()
        command = [sys.executable, "-m", "reporting.project", "--serve", END_WITH_PARENT]
        command += ["--door", str(door), "--ready", str(told)]
        self._process = subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, pass_fds=(door, told)
        )
        os.close(told)

    def _let_it_answer(self, process: "subprocess.Popen[bytes]", is_ready: bool) -> None:
        """Until it ends; one that never answered is started by the next who asks."""
        os.close(self._ready)
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        self._process = None
        if self._wanted.ui_idle_minutes:
            self._asked.clear()
        if not self._ended.is_set():
            if is_ready and code == 0:
                log.info("The Evidently UI rests; nobody looks at it")
            else:
                log.error("The Evidently UI ended with %s; its lines above say why", code)
                time.sleep(RETRY_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    timeout = POLL_SECONDS

    def __init__(self, listening: socket.socket, door: UiDoor) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.door = listening, door


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = HEAD_SECONDS
    protocol_version, server_version, sys_version = "HTTP/1.0", "", ""

    def do_GET(self) -> None:
        door = self.server.door
        if not door.allows(self.headers.get("host")):
            self._answer(421, "This name is not one of ours; access.hosts adds names.\n")
        elif self.path == HEALTH:
            self._answer(200, f"{door.state}\n")
        else:
            door.ask()
            self._answer(503, STARTING)

    do_HEAD = do_POST = do_GET  # noqa: N815  # the library's names

    def _answer(self, status: int, content: str) -> None:
        body = content.encode()
        self.send_response(status)
        kind = "text/html" if content is STARTING else "text/plain"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "frame-ancestors 'self'")
        if status == 503:
            self.send_header("Retry-After", str(RETRY_SECONDS))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: uvicorn writes no line for each request either."""


def _family(place: tuple[str, int]) -> socket.AddressFamily:
    return socket.getaddrinfo(*place, type=socket.SOCK_STREAM)[0][0]
