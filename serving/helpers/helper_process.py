"""A process beside serving that answers one line with one line.

It is started by the first question and ended when none has come for a while, so predict shares
nothing with it but the machine. One that is left in the middle of an answer is of no more use.
"""

import asyncio
import logging
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence

log = logging.getLogger(__name__)
LONGEST_LINE = 1 << 24


class Ended(Exception):
    """The process ended before its answer, or took longer than it may."""


class HelperProcess:
    """The process and the turn of those who ask it."""

    def __init__(self, command: Sequence[str], idle_seconds: float = 60.0) -> None:
        self._command = command
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None
        self.process: Process | None = None

    async def ask(self, question: bytes, seconds: float | None = None) -> bytes:
        """Wait for a turn, then so long for the answer at most."""
        async with self._turn:
            self._cancel_idle_timer()
            try:
                async with asyncio.timeout(seconds):
                    answer = await self._exchange(question)
            except (OSError, RuntimeError, EOFError) as error:  # a TimeoutError is an OSError
                await self.stop()
                log.error("%s ended before its answer: %r", self._command[-1], error)
                raise Ended from error
            except BaseException:
                await self.stop()
                raise
            self._start_idle_timer()
            return answer

    async def _exchange(self, question: bytes) -> bytes:
        process = self.process
        if process is None or process.returncode is not None:
            process = await self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(question)  # not joined: it may have megabytes
        process.stdin.write(b"\n")
        return await process.stdout.readuntil(b"\n")

    async def _start(self) -> Process:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # one core is enough
        self.process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=LONGEST_LINE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for serving, which ends it
        )
        return self.process

    def _cancel_idle_timer(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _start_idle_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(self._idle_seconds, self._stop_when_idle)

    def _stop_when_idle(self) -> None:
        """Nobody has asked for a while: its memory is worth more than its start."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process = None

    async def stop(self) -> None:
        """End the process whatever it does."""
        self._cancel_idle_timer()
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def command(module: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module)
