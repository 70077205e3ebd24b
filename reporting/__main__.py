"""Runs reporting: `python -m reporting`: the exporter here, the Evidently UI in another process.

If one of both dies, the whole stops with an error, so that whoever supervises it starts it anew.
"""

import contextlib
import logging
import signal
import sys
import threading

from pipeline.ecs_log import log_as
from pipeline.hosts import Hosts
from pipeline.registry.registry import open_registry
from pipeline.settings import InvalidSetting, load_settings
from pipeline.store.database import StoreUnavailable, connect, create_schema
from reporting.exporter.collector import Exporter, run_passes, serve
from reporting.exporter.figures import describe
from reporting.monitoring.model_monitor import ModelMonitor
from reporting.subprocesses import Processes

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
    try:
        serve(exporter, wanted, Hosts(settings.access.hosts))
    except OSError as error:
        sys.exit(f"Reporting cannot listen on {wanted.host}:{wanted.port}: {error.strerror}.")
    passes = threading.Thread(target=run_passes, args=(exporter, wanted, ended), daemon=True)
    passes.start()
    with Processes(wanted, lambda: monitor.news) as processes:
        log.info(
            "Figures on %s:%s, the Evidently UI on %s", wanted.host, wanted.port, wanted.ui_port
        )
        while not ended.wait(1.0):
            died = processes.find_dead() or (None if passes.is_alive() else "the exporter")
            if died:
                sys.exit(f"Reporting stops: {died} ended.")


if __name__ == "__main__":
    main()
