"""Tells MLflow and DVCLive of every training and decision: `python -m scripts.tracking.recorder`.

The trainer starts it where `tracking` is set. It reads the log of decisions and is never in the
way: while MLflow is away it tries again, and what was decided meanwhile waits in the store.
"""

import argparse
import contextlib
import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.ecs_log import log_as
from pipeline.objects.lease import Lease
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.bucket_place import BucketPlace
from pipeline.registry.place import Place
from pipeline.registry.registry import ModelRegistry, open_place, open_registry
from pipeline.settings import Settings, load_settings
from pipeline.store.database import connect
from pipeline.store.tracked_runs import write_runs
from scripts.cli.command import CommandError, run
from scripts.tracking.decision_run import DecisionLog, name_experiment
from scripts.tracking.dvclive_sink import DvcliveSink
from scripts.tracking.mlflow_sink import MlflowSink, find_page
from scripts.tracking.report_figures import read_report_figures
from scripts.tracking.webhook import start_webhook

if TYPE_CHECKING:
    from scripts.tracking.alias_follower import AliasFollower

log = logging.getLogger("tracking")
LOOK_SECONDS, TROUBLE_SECONDS, REPORT_SECONDS = 2.0, 10.0, 30.0


class DvcliveRecorder:
    """What is new is a step of DVCLive; MLflow may be away meanwhile."""

    def __init__(self, settings: Settings, engine: Engine, artifacts: ModelRegistry) -> None:
        self._log = DecisionLog(settings, engine, artifacts)
        self._sink = DvcliveSink(Path(settings.tracking.dvclive_folder))

    def step(self) -> None:
        self._log.tell(self._sink)


class MlflowRecorder:
    """What is new is a run of MLflow; then its aliases say what is live, or are obeyed."""

    def __init__(self, settings: Settings, engine: Engine, artifacts: ModelRegistry) -> None:
        wanted = settings.tracking
        report = settings.reporting.reports / "latest.html"
        self._settings = settings
        self._engine = engine
        self._artifacts = artifacts
        self._log = DecisionLog(settings, engine, artifacts)
        self._sink = MlflowSink(wanted.mlflow_uri, name_experiment(settings), report)
        self._follower: AliasFollower | None = None
        if wanted.follow_alias:
            self._follower = make_follower(engine, artifacts, self._sink)
        self._connected = False
        self._reported = 0.0
        self._report_due = 0.0

    def step(self) -> None:
        """Whatever MLflow raises while it is away ends a step; the next begins by finding out what
        had arrived."""
        try:
            self._step()
        except Exception:
            self._connected = False
            self._log.forget()
            raise

    def _step(self) -> None:
        if not self._connected:
            self._sink.connect()
            self._connected = True
        decisions = self._log.tell(self._sink)
        if decisions is not None:
            self._note_pages()
        waits = self._follower is not None and self._follower.step()
        if decisions is not None:
            self._name_versions(decisions, waits)
        self._tell_report()

    def _note_pages(self) -> None:
        """Serving tells the page where the run of each version is."""
        page = find_page(self._settings.tracking)
        if page:
            with self._engine.begin() as connection:
                write_runs(connection, self._sink.tracked(page))

    def _tell_report(self) -> None:
        """The figures of each Evidently report, once it is made."""
        now = time.monotonic()
        if now < self._report_due:
            return
        self._report_due = now + REPORT_SECONDS
        found = read_report_figures(self._settings)
        if found is not None and found.made_at != self._reported:
            self._sink.record_report(found.made_at, found.numbers)
            self._reported = found.made_at

    def _name_versions(self, decisions: list[dict[str, Any]], moved: bool) -> None:
        """By the aliases; not `champion`, while what somebody moved it to is judged."""
        live = [*self._artifacts.live_history(), None, None]
        judged = [row["version"] for row in decisions if row["version"] and row["parent"]]
        wanted = {
            "champion": live[0],
            "previous": live[1],
            "challenger": str(judged[-1]) if judged else None,
        }
        if moved:
            del wanted["champion"]
        self._sink.model.set_aliases(wanted)


def make_recorders(settings: Settings) -> list[MlflowRecorder | DvcliveRecorder]:
    """Each with a progress of its own: the one does not wait while the other cannot go on."""
    wanted, engine = settings.tracking, connect(settings.store)
    artifacts = open_registry(settings.artifacts)
    made: list[MlflowRecorder | DvcliveRecorder] = []
    if wanted.dvclive_folder:
        made.append(DvcliveRecorder(settings, engine, artifacts))
    if wanted.mlflow_uri:
        made.append(MlflowRecorder(settings, engine, artifacts))
    return made


def make_follower(engine: Engine, artifacts: ModelRegistry, sink: MlflowSink) -> "AliasFollower":
    """Imported here: it comes with scikit-learn."""
    from scripts.tracking.alias_follower import AliasFollower

    return AliasFollower(engine, artifacts, sink)


@contextlib.contextmanager
def alone(path: Path, is_over: Callable[[], bool]) -> Iterator[None]:
    """Of several recorders on this machine one records."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while not is_over():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(LOOK_SECONDS)
        yield


@contextlib.contextmanager
def leased(place: Place, is_over: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """Of those on several machines over one bucket one records, for as long as it is told True."""
    if not isinstance(place, BucketPlace):
        yield lambda: True
        return
    lease = Lease(place.objects, "tracking.lease")
    while not is_over() and not prolong(lease, default=False):
        time.sleep(LOOK_SECONDS)
    try:
        yield lambda: prolong(lease, default=True)
    finally:
        with contextlib.suppress(ObjectsUnavailable):
            lease.give_back()


def prolong(lease: Lease, default: bool) -> bool:
    """The default while the bucket is away: then nobody else can take it either."""
    try:
        return lease.take()
    except ObjectsUnavailable as error:
        log.warning("Tracking waits for the bucket: %s", error)
        return default


def keep_looking(step: Callable[[], None], ended: threading.Event, wake: threading.Event) -> None:
    """Look now and then, and when MLflow's webhook says so."""
    while not ended.is_set():
        wake.wait(look(step))
        wake.clear()


def look(step: Callable[[], None]) -> float:
    """Do what is due; returns how long to wait for more. MLflow's own errors are of many kinds."""
    try:
        step()
    except SQLAlchemyError as error:
        log.warning("Tracking waits for the store: %s", str(error).splitlines()[0])
    except Exception as error:
        log.warning("Tracking waits: %s", (str(error) or repr(error)).splitlines()[0][:300])
    else:
        return LOOK_SECONDS
    return TROUBLE_SECONDS


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = load_settings()
    log_as(settings.logs.format, "tracking")
    wanted = settings.tracking
    if not (wanted.mlflow_uri or wanted.dvclive_folder):
        raise CommandError("Neither tracking.mlflow_uri nor tracking.dvclive_folder is set.")
    parser = argparse.ArgumentParser(
        prog="python -m scripts.tracking.recorder", description=__doc__
    )
    parser.add_argument("--parent", type=int, help="the process that it ends with")
    parent, ended = parser.parse_args().parent, threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: ended.set())

    def is_over() -> bool:
        return ended.is_set() or parent not in (None, os.getppid())

    place = open_place(settings.artifacts)
    lock = place.folder / ".tracking.lock"
    with alone(lock, is_over), leased(place, is_over) as has_turn:
        if is_over():  # while another one was recording
            return
        try:
            recorders = make_recorders(settings)
        except ModuleNotFoundError as error:
            file = "requirements-dvclive" if error.name == "dvclive" else "requirements"
            raise CommandError(
                f"Tracking needs {error.name}: .venv/bin/pip install -r scripts/tracking/{file}.txt"
            ) from None
        log.info("Trainings and decisions are tracked: %s", name_experiment(settings))
        wake = threading.Event()
        start_webhook(wanted, wake.set)
        for one in recorders:
            looking = (one.step, ended, wake)
            threading.Thread(target=keep_looking, args=looking, daemon=True).start()
        while not is_over() and has_turn():
            ended.wait(LOOK_SECONDS)


if __name__ == "__main__":
    run(main)
