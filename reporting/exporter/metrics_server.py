"""The HTTP server on 8083, which answers Prometheus' scrapes in threads."""

import threading
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from pipeline.hosts import Hosts
from pipeline.setting_tables import ReportingSettings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

IDLE_SECONDS = 10  # after which a connection without a request frees its thread


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    timeout = IDLE_SECONDS

    def log_message(self, *_: object) -> None:
        """Scrapes are not logged."""


def serve_metrics(collector: Collector, wanted: ReportingSettings, hosts: Hosts) -> None:
    """Answer scrapes from now on, in a thread. Raises OSError if the port is taken."""
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    metrics = make_wsgi_app(registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if hosts.allow(environ.get("HTTP_HOST", "localhost").encode("latin-1")):
            page: Iterable[bytes] = metrics(environ, start_response)
            return page
        start_response("421 Misdirected Request", [("content-type", "text/plain")])
        return [b"This name is not one of ours; access.hosts in config.toml adds names.\n"]

    server = make_server(wanted.host, wanted.port, answer, Server, Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
