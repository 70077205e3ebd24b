"""The drift exporter on 8083: passes on a timer, and the last figures at every scrape."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from pipeline.hosts import Hosts
from pipeline.setting_tables import ReportingSettings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)
IDLE_SECONDS = 10  # a connection that asks for nothing holds a thread no longer


class Exporter(Collector):
    """Keeps the figures of the last good pass; a failed one is counted and lets them age."""

    def __init__(self, look: Callable[[], list[Metric]], wanted: ReportingSettings) -> None:
        self._look = look
        self._wanted = wanted
        self._figures: list[Metric] = []
        self._ended_at: float | None = None
        self._seconds = 0.0
        self._errors = 0
        self._failed = ""

    def run_pass(self) -> None:
        started = time.monotonic()
        try:
            self._figures = self._look()
        except Exception as error:
            self._errors += 1
            new = str(error) != self._failed  # how it failed is told once
            log.error("A pass failed, the last figures stay: %s", error, exc_info=new)
            self._failed = str(error)
            return
        self._ended_at, self._seconds = time.time(), time.monotonic() - started

    def collect(self) -> Iterable[Metric]:
        yield from self._figures
        if self._ended_at is not None:
            name = "reporting_last_pass_timestamp_seconds"
            yield GaugeMetricFamily(name, "When the last pass ended well.", self._ended_at)
            name = "reporting_pass_duration_seconds"
            yield GaugeMetricFamily(name, "How long the last pass took.", self._seconds)
        yield CounterMetricFamily("reporting_pass_errors", "Passes that failed.", self._errors)
        latest = Path(self._wanted.reports) / "latest.json"
        if latest.exists():
            name = "reporting_last_snapshot_timestamp_seconds"
            yield GaugeMetricFamily(name, "When the last report was made.", latest.stat().st_mtime)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    timeout = IDLE_SECONDS

    def log_message(self, *_: object) -> None:
        """A scrape is no news."""


def serve(exporter: Exporter, wanted: ReportingSettings, hosts: Hosts) -> None:
    """Answer scrapes from now on, in a thread."""
    registry = CollectorRegistry()
    registry.register(exporter)
    ProcessCollector(registry=registry)
    figures = make_wsgi_app(registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if hosts.allow(environ.get("HTTP_HOST", "localhost").encode("latin-1")):
            page: Iterable[bytes] = figures(environ, start_response)
            return page
        start_response("421 Misdirected Request", [("content-type", "text/plain")])
        return [b"This name is not one of ours; access.hosts in config.toml adds names.\n"]

    server = make_server(wanted.host, wanted.port, answer, Server, Handler)
    threading.Thread(target=server.serve_forever, name="figures", daemon=True).start()


def run_passes(exporter: Exporter, wanted: ReportingSettings, ended: threading.Event) -> None:
    """A pass now and then on the timer, until the end."""
    while True:
        exporter.run_pass()
        if ended.wait(wanted.every_seconds):
            return
