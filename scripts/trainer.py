"""Runs a worker that retrains, `scripts/retraining/worker.py`, until it is stopped.

Several may run; a lease lets one of them work and the others stand by.
"""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from pipeline.ecs_log import log_as
from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.setting_tables import StoreSettings, TrackingSettings
from pipeline.settings import load_settings
from pipeline.store.database import connect
from pipeline.store.records import StoreUnavailable
from scripts.cli.command import run
from scripts.cli.repeated_process import RepeatedProcess
from scripts.retraining.event_shipper import EventShipper
from scripts.retraining.worker import Stopped, TrainingWorker

log = logging.getLogger("trainer")
LOOK_SECONDS = 0.3
TROUBLE_SECONDS = 2.0
RECORDER_SECONDS, HISTORY_SECONDS = 10.0, 3_600.0  # until what ended is started again


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, stop)
    settings = load_settings()
    log_as(settings.logs.format, "trainer")
    engine = connect(settings.store)
    artifacts = open_registry(settings.artifacts)
    artifacts.renew()
    trainer = TrainingWorker(settings, artifacts, engine)
    log.info("The trainer waits for work")
    with (
        contextlib.suppress(Stopped),
        EventShipper(engine, artifacts, settings.logs),
        beside_tracking(settings.tracking),
        beside_history(settings.store),
    ):
        while True:
            time.sleep(look(trainer.step))


def beside_tracking(wanted: TrackingSettings) -> RepeatedProcess:
    """The recorder, which ends with us."""
    on = bool(wanted.mlflow_uri or wanted.dvclive_folder)
    mine = ("--parent", str(os.getpid()))
    return RepeatedProcess(on, RECORDER_SECONDS, "scripts.tracking.recorder", *mine)


def beside_history(wanted: StoreSettings) -> RepeatedProcess:
    """What moves old rows. Of several trainers' one at a time does; the others try again later."""
    return RepeatedProcess(bool(wanted.history), HISTORY_SECONDS, "scripts.records.history", "move")


def look(step: Callable[[], bool]) -> float:
    """Do what is due; returns how long to wait for more."""
    try:
        return 0.0 if step() else LOOK_SECONDS
    except (SQLAlchemyError, StoreUnavailable) as error:
        log.warning("The trainer waits for the store: %s", str(error).splitlines()[0])
    except ObjectsUnavailable as error:
        log.warning("The trainer waits for the bucket: %s", error)
    except (UntrustedArtifact, EmbeddingMismatch) as error:
        log.error("The trainer cannot go on now: %s", error)
    return TROUBLE_SECONDS


def stop(asked: int, _frame: FrameType | None) -> None:
    """Once: what is put back then must not be cut short by a second signal."""
    for other in (signal.SIGTERM, signal.SIGINT):
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(signal.Signals(asked).name)


if __name__ == "__main__":
    run(main)
