"""Has a table looked at in a process of its own, within limits of seconds and memory."""

import asyncio
from collections.abc import Sequence

import msgspec

from serving.errors import Invalid
from serving.helpers.helper_process import Ended, HelperProcess, command

COMMAND = command("serving.helpers.inspect_worker")
INSPECT_SECONDS = 25.0


class InspectionRequest(msgspec.Struct):
    name: str
    content: bytes
    target: str


class InspectedColumn(msgspec.Struct):
    name: str
    unknown: int
    distinct: int
    examples: tuple[str, ...]
    treatment: str  # what it is, and what is done with it
    left_out: bool
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


class InspectedTable(msgspec.Struct, tag=True):
    header: tuple[str, ...]
    rows: int
    columns: list[InspectedColumn]
    labels: dict[str, int]
    notes: tuple[str, ...]
    trouble: str  # why it cannot be trained as it is
    settings: str  # for config.toml


class Unreadable(msgspec.Struct, tag=True):
    reason: str


class TableInspector:
    def __init__(self, command: Sequence[str] = COMMAND, seconds: float = INSPECT_SECONDS) -> None:
        self.child = HelperProcess(command)
        self._seconds = seconds

    async def ask(self, question: InspectionRequest) -> InspectedTable:
        """Invalid for a file that cannot be read, or would take too much."""
        try:
            async with asyncio.timeout(self._seconds):
                line = await self.child.ask(msgspec.json.encode(question))
        except (TimeoutError, Ended):
            raise Invalid("file", "takes too long or too much memory to look at here") from None
        answer = msgspec.json.decode(line, type=InspectedTable | Unreadable)
        if isinstance(answer, Unreadable):
            raise Invalid("file", answer.reason)
        return answer

    async def stop(self) -> None:
        await self.child.stop()
