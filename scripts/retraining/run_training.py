"""Runs one retraining in a process of its own and reports in lines of JSON. Started by trainer."""

import argparse
import json
import logging
import os
import resource
import sys
import threading
from dataclasses import asdict
from typing import Any

import scripts.retraining.lean_sklearn  # noqa: F401  # before what imports scikit-learn
from pipeline.model.engine import EngineUnavailable
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import open_registry
from pipeline.retraining.foreign_model import FOLDER
from pipeline.retraining.retrain import retrain
from pipeline.settings import load_settings
from pipeline.store.database import connect
from scripts.cli.command import USER_ERRORS

NICE = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trigger")
    parser.add_argument("foreign_model", nargs="?", help="a file that is judged in place of it")
    options = parser.parse_args()
    lines = Lines()
    threading.Thread(target=end_with_parent, daemon=True).start()
    silence_threads()
    settings = load_settings()
    step_back()
    limit_memory(settings.retraining.memory_mb)
    artifacts, engine = open_registry(settings.artifacts), connect(settings.store)
    try:
        given = options.foreign_model
        foreign = (artifacts.place.read(f"{FOLDER}/{given}") or b"") if given else None
        decision = retrain(settings, artifacts, engine, options.trigger, lines.report, foreign)
    except (EngineUnavailable, ObjectsUnavailable) as error:
        lines.say(postponed=str(error))
        sys.exit(1)
    except (MemoryError, *USER_ERRORS) as error:
        lines.say(
            error=str(error) or "the training needs more memory than retraining.memory_mb allows"
        )
        sys.exit(1)
    lines.say(decision=asdict(decision))


class Lines:
    """What the trainer reads. Some classifiers print while they learn: that goes into the log."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def report(self, stage: str, share: float) -> None:
        self.say(stage=stage, progress=round(share, 3))

    def say(self, **line: Any) -> None:
        print(json.dumps(line), file=self._file, flush=True)


def end_with_parent() -> None:
    """The trainer holds the other end of our standard input; when it dies, we do."""
    sys.stdin.read()
    os._exit(1)


def silence_threads() -> None:
    """Keep scikit-learn's warnings about itself out of the trainer's log.

    Its threads set and restore the filters of warnings, which are one for all threads: now and
    then a forest leaves none, and each further tree warns of that.
    """
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def step_back() -> None:
    """Use the machine only while nobody else does, if we may come back from there; see trainer."""
    os.nice(NICE)
    if may_come_back():
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(NICE)  # polite, and never starved


def may_come_back() -> bool:
    return os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20 - NICE


def limit_memory(megabytes: int) -> None:
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


if __name__ == "__main__":
    main()
