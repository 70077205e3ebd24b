"""What a server and its descendants cost in CPU and memory, read from /proc; used by serving.py."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    started: int
    seconds: float
    resident: int


def read_process(pid: int) -> Process:
    """Read /proc/PID/stat; the time of children that ended counts too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    seconds = sum(map(int, fields[11:15])) / TICKS
    return Process(pid, int(fields[1]), int(fields[19]), seconds, int(fields[21]) * PAGE)


def all_processes() -> list[Process]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                found.append(read_process(int(entry.name)))
    return found


def family(root: int) -> list[Process]:
    """The process `root` and all its descendants."""
    everyone = all_processes()
    members = [process for process in everyone if process.pid == root]
    for member in members:  # grows while it is walked
        members += [process for process in everyone if process.parent == member.pid]
    return members


def cpu_seconds(root: int) -> float:
    return sum(process.seconds for process in family(root))


def resident_megabytes(root: int) -> float:
    return sum(process.resident for process in family(root)) / 1e6
