"""What passes remember, in a file, so that a restart forgets neither an alarm nor the errors."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from pipeline.durable_files import write_atomic
from reporting.drift.error_drift import ErrorRateMonitor
from reporting.monitoring.alarm import Alarms, Confirmation
from reporting.windows.labelled_rows import id_of

log = logging.getLogger(__name__)
FILE = "monitor.json"


@dataclass
class Memory:
    """`version` is the one that was live at the last pass, `last_id` the last row counted."""

    version: str = ""
    last_id: str = ""  # its seq alone would fit another store as well
    errors: ErrorRateMonitor = field(default_factory=ErrorRateMonitor)
    drift: Alarms = field(default_factory=Alarms)
    target: Confirmation = field(default_factory=Confirmation)

    def promote(self, version: str) -> None:
        """Another version is live. Evidence stays, what is alarming must be proved over."""
        self.version = version
        self.errors.promote()
        self.drift, self.target = self.drift.promote(), self.target.promote()

    def save(self, folder: Path) -> None:
        """A folder that cannot be written to costs the memory of a restart, not the pass."""
        try:
            write_atomic(folder / FILE, msgspec.json.encode(self))
        except OSError as error:
            log.warning("Alarms are not remembered beyond a restart: %s", error)


def recall(folder: Path, engine: Engine) -> Memory:
    """What was saved; nothing if it is damaged, old, or of rows that the store does not have."""
    path = folder / FILE
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return Memory()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("%s cannot be read, so alarms begin anew: %s", path, error)
        return Memory()
    if not memory.errors.is_whole():
        log.warning("%s lacks a part or is of another release, so alarms begin anew", path)
        return Memory()
    if memory.last_id != id_of(engine, memory.errors.last_seq or 0):
        log.warning("%s is of another store, so alarms begin anew", path)
        return Memory()
    return memory
