"""The body of a request that begins when all of it is here, and how long that is waited for."""

import asyncio
from collections.abc import Callable

APART_SECONDS = 0.001  # so far apart patience is lost, though many came at once


class Patience:
    """Until when to wait for each body; one for all connections."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._latest = 0.0

    def end(self, now: float) -> float:
        self._latest = max(now + self.seconds, self._latest + APART_SECONDS)
        return self._latest


class HeldBody:
    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.deadline: float | None = None  # none for a body that comes with its head
        self._timer: asyncio.TimerHandle | None = None

    def wait(
        self, patience: Patience, loop: asyncio.AbstractEventLoop, begin: Callable[[], None]
    ) -> None:
        """Begin without the rest when patience is lost."""
        if self.deadline is None:
            self.deadline = patience.end(loop.time())
            self._timer = loop.call_at(self.deadline, begin)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
