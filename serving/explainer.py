"""Asks a process of its own to explain predictions: one at a time, and never for long.

The process is started by the first question and ended when none has come for a while, so predict
shares nothing with it but the machine, of which it takes what is left over.
"""

import asyncio
import logging
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence

import msgspec

from pipeline.schema import Value

log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "serving.explain")
LONGEST_LINE = 1 << 24


class Busy(Exception):
    """As many explanations as may wait do wait."""


class TooLong(Exception):
    """An explanation was not there in time, or its process ended before."""


class Question(msgspec.Struct):
    """A recorded prediction."""

    version: str
    label: str
    observation: list[Value]


class Contribution(msgspec.Struct, omit_defaults=True):
    """What a feature, or a group of them, added; the value where there is one."""

    feature: str
    contribution: float
    value: Value | msgspec.UnsetType = msgspec.UNSET


class Answer(msgspec.Struct, tag=True):
    baseline: float
    probability: float
    compared_rows: int
    contributions: list[Contribution]


class Refusal(msgspec.Struct, tag=True):
    """Why this prediction cannot be explained at all."""

    reason: str


class Explainer:
    """The process and the line of those who wait for it."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        seconds: float = 20.0,
        waiting: int = 8,
        idle_seconds: float = 60.0,
    ) -> None:
        self._command = command
        self._seconds = seconds
        self._most = waiting + 1
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._asked = 0
        self._process: Process | None = None
        self._ending: asyncio.TimerHandle | None = None

    async def ask(self, question: Question) -> Answer | Refusal:
        """Wait for a turn and an answer; Busy and TooLong when there is none to be had."""
        if self._asked >= self._most:
            raise Busy
        self._asked += 1
        try:
            async with asyncio.timeout(self._seconds), self._turn:
                return await self._exchange(question)
        except TimeoutError:
            raise TooLong from None
        finally:
            self._asked -= 1

    async def _exchange(self, question: Question) -> Answer | Refusal:
        """One question and its answer. A process that is left in the middle is of no more use."""
        self._stay()
        try:
            line = await self._say(msgspec.json.encode(question) + b"\n")
        except (OSError, RuntimeError, EOFError) as error:
            await self.stop()
            log.error("The process that explains ended before its answer: %r", error)
            raise TooLong from error
        except BaseException:
            await self.stop()
            raise
        self._leave_later()
        return msgspec.json.decode(line, type=Answer | Refusal)

    async def _say(self, line: bytes) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(line)
        return await process.stdout.readuntil(b"\n")

    async def _start(self) -> Process:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # one core is enough
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=LONGEST_LINE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for serving, which ends it
        )
        return self._process

    def _stay(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _leave_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(self._idle_seconds, self._leave)

    def _leave(self) -> None:
        """Nobody has asked for a while: its memory is worth more than its start."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process = None

    async def stop(self) -> None:
        """End the process whatever it does."""
        self._stay()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
