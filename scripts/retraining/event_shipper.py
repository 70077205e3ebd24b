"""Writes what happened into the file of events: a thread of the trainer, or a process of its own.

As a process: `python -m scripts.retraining.event_shipper`.
"""

import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.ecs_log import log_as
from pipeline.events.journal import Journal
from pipeline.events.reading import EventReader, VersionNames
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import ModelRegistry, open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.setting_tables import LogSettings
from pipeline.settings import InvalidSetting, load_settings
from pipeline.store.database import connect

log = logging.getLogger(__name__)
LOOK_SECONDS, TROUBLE_SECONDS = 1.0, 5.0


class EventShipper:
    """A context with a thread, or `run`. Of several one writes, the others stand by."""

    def __init__(self, engine: Engine, artifacts: ModelRegistry, wanted: LogSettings) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._wanted = wanted
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self.run, name="events", daemon=True)

    def __enter__(self) -> None:
        if self._wanted.events:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def stop(self) -> None:
        self._ended.set()

    def run(self) -> None:
        """What goes wrong is tried again; nothing is lost by it, for the store has it all."""
        pause = 0.0
        while not self._ended.wait(pause):
            try:
                self._write()
            except (SQLAlchemyError, ObjectsUnavailable, OSError, ValueError) as error:
                log.error("Events are not written: %s", str(error).splitlines()[0])
            pause = TROUBLE_SECONDS

    def _write(self) -> None:
        """Begin behind what the file holds, then go on until the trainer ends."""
        most = int(self._wanted.rotate_mb * 1_000_000)
        with Journal(self._wanted.folder, most, self._wanted.keep) as journal:
            while not journal.take():
                if self._ended.wait(LOOK_SECONDS):
                    return
            names = lru_cache(maxsize=64)(self._names_of)
            reader = EventReader(journal.open(), names, self._wanted.features)
            while not self._ended.wait(0.0 if self._ship(reader, journal) else LOOK_SECONDS):
                pass

    def _ship(self, reader: EventReader, journal: Journal) -> int:
        with self._engine.execution_options(readonly=True).connect() as connection:
            events = reader.read(connection)
        journal.append(events)
        for event in events:
            reader.progress.note(event)
        return len(events)

    def _names_of(self, version: str) -> VersionNames:
        """None of a version that is pruned or damaged."""
        with contextlib.suppress(UntrustedArtifact):
            if version in self._artifacts.numbers():
                manifest = self._artifacts.open(version).manifest
                features = _feature_names(manifest) if self._wanted.features else ()
                return VersionNames(manifest["classes"], features)
        return VersionNames()


def _feature_names(manifest: Mapping[str, Any]) -> list[str]:
    """What reads a schema is large, so it is imported by those alone who want features."""
    from pipeline.data.schema import Schema, columns_of

    return [column.name for column in columns_of(msgspec.convert(manifest["schema"], Schema))]


def main() -> None:
    """A command that stays small: the others know every library whose errors they name."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = load_settings()
        log_as(settings.logs.format, "events")
        if not settings.logs.events:
            sys.exit("Events are off: set logs.events, or BOUCLE_LOGS__EVENTS=true.")
        engine, artifacts = connect(settings.store), open_registry(settings.artifacts)
    except (InvalidSetting, UntrustedArtifact) as error:
        sys.exit(str(error))
    shipper = EventShipper(engine, artifacts, settings.logs)
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: shipper.stop())
    log.info("Events are written into %s", settings.logs.folder)
    shipper.run()


if __name__ == "__main__":
    main()
