"""Asks a process of its own to explain predictions: one at a time, and never for long.

Of the machine it takes what is left over.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from pipeline.data.schema import Value
from serving.helpers.helper_process import Ended, HelperProcess, command

COMMAND = command("serving.helpers.explain_worker")


class ExplainQueueFull(Exception):
    """As many explanations as may wait do wait."""


class ExplainTimeout(Exception):
    """An explanation was not there in time, or its process ended before."""


class ExplanationRequest(msgspec.Struct):
    """A recorded prediction."""

    version: str
    label: str
    observation: list[Value]


class Contribution(msgspec.Struct, omit_defaults=True):
    """What a feature, or a group of them, added; the value where there is one."""

    feature: str
    contribution: float
    value: Value | msgspec.UnsetType = msgspec.UNSET


class ExplanationResult(msgspec.Struct, tag=True):
    baseline: float
    probability: float
    compared_rows: int
    contributions: list[Contribution]


class CannotExplain(msgspec.Struct, tag=True):
    """Why this prediction cannot be explained at all."""

    reason: str


class ExplainerProcess:
    """The line of those who wait for the process."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        seconds: float = 20.0,
        waiting: int = 8,
        idle_seconds: float = 60.0,
    ) -> None:
        self._seconds = seconds
        self._most = waiting + 1
        self._asked = 0
        self.child = HelperProcess(command, idle_seconds)

    async def ask(self, question: ExplanationRequest) -> ExplanationResult | CannotExplain:
        """Wait for a turn and an answer; ExplainQueueFull or ExplainTimeout where there is none."""
        if self._asked >= self._most:
            raise ExplainQueueFull
        self._asked += 1
        try:
            async with asyncio.timeout(self._seconds):
                line = await self.child.ask(msgspec.json.encode(question))
        except (TimeoutError, Ended) as error:
            raise ExplainTimeout from error
        finally:
            self._asked -= 1
        return msgspec.json.decode(line, type=ExplanationResult | CannotExplain)

    async def stop(self) -> None:
        await self.child.stop()
