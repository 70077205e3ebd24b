"""Runs reporting: `python -m reporting`: the exporter here, Evidently in processes of its own.

With `exporter` or `evidently` behind it, that one alone, as in a container of its own. If the
exporter dies, the whole stops with an error, so that whoever supervises it starts it anew.
"""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack

from pipeline.ecs_log import log_as
from pipeline.hosts import Hosts
from pipeline.setting_tables import ReportingSettings
from pipeline.settings import InvalidSetting, Settings, load_settings
from reporting.subprocesses import Reports
from reporting.ui_door import UiDoor

log = logging.getLogger("reporting")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="python -m reporting", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("exporter", "evidently"), help="it alone")
    part = parser.parse_args().part
    try:
        settings = load_settings()
        log_as(settings.logs.format, "reporting")
        run(settings, with_exporter=part != "evidently", with_evidently=part != "exporter")
    except InvalidSetting as error:
        sys.exit(str(error))


def run(settings: Settings, *, with_exporter: bool, with_evidently: bool) -> None:
    """Until it is told to end, or the exporter ends."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    wanted, hosts = settings.watching, Hosts(settings.access.hosts)
    passes, reports = None, None
    with ExitStack() as stack:
        if with_exporter:
            from reporting.exporter.pass_thread import Passes  # numpy and SQLAlchemy: 40 MB

            passes = Passes(settings, ended)
            listen(wanted, wanted.port, lambda: passes.answer(hosts))
            passes.start()
            log.info("Metrics on %s:%s", wanted.host, wanted.port)
        if with_evidently:
            door = UiDoor(wanted, hosts)
            listen(wanted, wanted.ui_port, door.open)
            stack.enter_context(door)
            reports = stack.enter_context(Reports(wanted))
            log.info("The Evidently UI on %s:%s", wanted.host, wanted.ui_port)
        while not ended.wait(1.0):
            if passes is not None and not passes.is_alive():
                sys.exit("Reporting stops: the exporter ended.")
            if reports is not None:
                reports.make()


def listen(wanted: ReportingSettings, port: int, begin: Callable[[], None]) -> None:
    try:
        begin()
    except OSError as error:
        sys.exit(f"Reporting cannot listen on {wanted.host}:{port}: {error.strerror}.")


if __name__ == "__main__":
    main()
