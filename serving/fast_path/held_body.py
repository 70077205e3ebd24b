"""Buffers the body of a request until it is complete, or until its deadline."""

import asyncio
from collections.abc import Callable

APART_SECONDS = 0.001  # between two deadlines, so that those of many bodies do not fire at once


class BodyDeadlines:
    """Sets the deadline of each body; all connections share one object."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._latest = 0.0

    def next(self, now: float) -> float:
        self._latest = max(now + self.seconds, self._latest + APART_SECONDS)
        return self._latest


class HeldBody:
    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.deadline: float | None = None  # None if all of the body came with its head
        self._timer: asyncio.TimerHandle | None = None

    def wait(
        self, deadlines: BodyDeadlines, loop: asyncio.AbstractEventLoop, begin: Callable[[], None]
    ) -> None:
        """Call `begin` at the deadline, although the body is incomplete then."""
        if self.deadline is None:
            self.deadline = deadlines.next(loop.time())
            self._timer = loop.call_at(self.deadline, begin)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
