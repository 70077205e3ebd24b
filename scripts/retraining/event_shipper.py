"""Writes what happened into the file of events, beside the trainer's other work."""

import contextlib
import logging
import threading
from functools import lru_cache

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.data.schema import Schema, columns_of
from pipeline.events.journal import Journal
from pipeline.events.reading import EventReader, VersionNames
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.setting_tables import LogSettings

log = logging.getLogger(__name__)
LOOK_SECONDS, TROUBLE_SECONDS = 1.0, 5.0


class EventShipper:
    """A context with a thread. Of several trainers one writes, the others stand by."""

    def __init__(self, engine: Engine, artifacts: ModelRegistry, wanted: LogSettings) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._wanted = wanted
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)

    def __enter__(self) -> None:
        if self._wanted.events:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        """What goes wrong is tried again; nothing is lost by it, for the store has it all."""
        pause = 0.0
        while not self._ended.wait(pause):
            try:
                self._write()
            except (SQLAlchemyError, OSError, ValueError) as error:
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
                sealed = self._artifacts.open(version)
                schema = msgspec.convert(sealed.manifest["schema"], Schema)
                features = [column.name for column in columns_of(schema)]
                return VersionNames(sealed.manifest["classes"], features)
        return VersionNames()
