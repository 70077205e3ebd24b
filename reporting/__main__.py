"""Runs reporting: `python -m reporting`: the exporter here, Evidently in processes of its own.

If the exporter dies, the whole stops with an error, so that whoever supervises it starts it anew.
"""

import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Callable

from pipeline.ecs_log import log_as
from pipeline.hosts import Hosts
from pipeline.registry.registry import open_registry
from pipeline.setting_tables import ReportingSettings
from pipeline.settings import InvalidSetting, load_settings
from pipeline.store.database import StoreUnavailable, connect, create_schema
from reporting.exporter.collector import Exporter, run_passes, serve
from reporting.exporter.figures import describe
from reporting.monitoring.model_monitor import ModelMonitor
from reporting.subprocesses import Reports
from reporting.ui_door import UiDoor

log = logging.getLogger("reporting")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = load_settings()
        log_as(settings.logs.format, "reporting")
        engine = connect(settings.store)
        with contextlib.suppress(StoreUnavailable):  # it may come; until then the passes say so
            create_schema(engine)  # serving may start later, or nowhere yet
        artifacts = open_registry(settings.artifacts)
    except InvalidSetting as error:
        sys.exit(str(error))
    wanted, ended = settings.watching, threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    monitor = ModelMonitor(engine, artifacts, wanted)
    exporter = Exporter(lambda: list(describe(monitor.run_pass())), wanted)
    hosts = Hosts(settings.access.hosts)
    door = UiDoor(wanted, hosts)
    listen(wanted, wanted.port, lambda: serve(exporter, wanted, hosts))
    listen(wanted, wanted.ui_port, door.open)
    passes = threading.Thread(target=run_passes, args=(exporter, wanted, ended), daemon=True)
    passes.start()
    with door, Reports(wanted, lambda: monitor.news) as reports:
        log.info(
            "Figures on %s:%s, the Evidently UI on %s", wanted.host, wanted.port, wanted.ui_port
        )
        while not ended.wait(1.0):
            if not passes.is_alive():
                sys.exit("Reporting stops: the exporter ended.")
            reports.make()


def listen(wanted: ReportingSettings, port: int, begin: Callable[[], None]) -> None:
    try:
        begin()
    except OSError as error:
        sys.exit(f"Reporting cannot listen on {wanted.host}:{port}: {error.strerror}.")


if __name__ == "__main__":
    main()
