"""The exporter as it runs: a thread that looks at the rows, and a port that tells what it saw."""

import threading

from pipeline.hosts import Hosts
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings
from pipeline.store.database import open_store
from reporting.exporter.collector import Exporter, run_passes, serve
from reporting.exporter.figures import describe
from reporting.monitoring.model_monitor import ModelMonitor


class Passes(threading.Thread):
    """A pass now and then, until `ended`. InvalidSetting where there can be none."""

    def __init__(self, settings: Settings, ended: threading.Event) -> None:
        super().__init__(name="passes", daemon=True)
        self._wanted = settings.watching
        self._ended = ended
        engine = open_store(settings.store)  # while it is away the passes say so
        monitor = ModelMonitor(engine, open_registry(settings.artifacts), self._wanted)
        self._exporter = Exporter(lambda: list(describe(monitor.run_pass())), self._wanted)

    def answer(self, hosts: Hosts) -> None:
        """From now on, in a thread; OSError when the port is taken."""
        serve(self._exporter, self._wanted, hosts)

    def run(self) -> None:
        run_passes(self._exporter, self._wanted, self._ended)
