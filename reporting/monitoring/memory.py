"""What passes remember, in a file, so that a restart forgets neither an alarm nor the errors."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from pipeline.durable_files import write_atomic
from reporting.drift.error_drift import ErrorRateMonitor
from reporting.monitoring.alarm import Alarms, Confirmation
from reporting.news import FILE
from reporting.windows.labelled_rows import id_of

log = logging.getLogger(__name__)


@dataclass
class Memory:
    """`version` is the one that was live at the last pass, `last_id` the last row counted.

    `news` counts what was worth a report at once: enough rows at last, alarms that began.
    """

    version: str = ""
    news: int = 0
    last_id: str = ""  # its seq alone would fit another store as well
    errors: ErrorRateMonitor = field(default_factory=ErrorRateMonitor)
    drift: Alarms = field(default_factory=Alarms)
    target: Confirmation = field(default_factory=Confirmation)

    def promote(self, version: str) -> None:
        """Another version is live. Evidence stays, what is alarming must be proved over."""
        self.version = version
        self.errors.promote()
        self.drift, self.target = self.drift.promote(), self.target.promote()


class MemoryFile:
    """Keeps it in the folder of the reports. Where none can be written a restart forgets it all."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._path = folder / FILE
        self._engine = engine
        self._kept = b""
        self._told = False

    def save(self, memory: Memory) -> None:
        """Most passes change nothing, and each write waits for the disk."""
        content = msgspec.json.encode(memory)
        if content == self._kept:
            return
        try:
            write_atomic(self._path, content)
        except OSError as error:
            if not self._told:
                log.warning("Alarms are not remembered beyond a restart: %s", error)
            self._told = True
        else:
            self._kept, self._told = content, False

    def recall(self) -> Memory:
        """What was saved; nothing if it is damaged, old, or of rows that the store lacks."""
        try:
            memory = msgspec.json.decode(self._path.read_bytes(), type=Memory)
        except FileNotFoundError:
            return Memory()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            return self._begin_anew(f"cannot be read: {error}")
        if not memory.errors.is_whole():
            return self._begin_anew("lacks a part or is of another release")
        if memory.last_id != id_of(self._engine, memory.errors.last_seq or 0):
            return self._begin_anew("is of another store")
        return memory

    def _begin_anew(self, reason: str) -> Memory:
        log.warning("Alarms begin anew, because %s %s", self._path, reason)
        return Memory()
