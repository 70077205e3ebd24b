"""The thread that makes monitoring passes on a timer, for `python -m reporting`."""

import threading

from pipeline.hosts import Hosts
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings
from pipeline.store.database import open_store
from reporting.exporter.collector import Exporter
from reporting.exporter.metrics_server import serve_metrics
from reporting.exporter.pass_metrics import describe
from reporting.monitoring.model_monitor import ModelMonitor


class Passes(threading.Thread):
    """Makes passes until `ended` is set. Raises InvalidSetting if the settings allow none."""

    def __init__(self, settings: Settings, ended: threading.Event) -> None:
        super().__init__(name="passes", daemon=True)
        self._wanted = settings.watching
        self._ended = ended
        engine = open_store(settings.store)  # if the store is away, passes fail and are repeated
        monitor = ModelMonitor(engine, open_registry(settings.artifacts), self._wanted)
        self._exporter = Exporter(lambda: list(describe(monitor.run_pass())), self._wanted.reports)

    def answer(self, hosts: Hosts) -> None:
        """Answer scrapes from now on. Raises OSError if the port is taken."""
        serve_metrics(self._exporter, self._wanted, hosts)

    def run(self) -> None:
        while True:
            self._exporter.run_pass()
            if self._ended.wait(self._wanted.every_seconds):
                return
