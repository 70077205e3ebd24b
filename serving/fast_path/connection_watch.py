"""Looks after a connection every few seconds, for clients that keep it and do nothing with it.

Closed is one whose head does not come to its end, that reads no answer, sends a body to nobody, or
has been idle for long. A timer for each request would cost as much as its answer.
"""

import asyncio
import resource
import socket

HEAD_SECONDS = 10.0  # in which a head has to come
LAST_LOOK_SECONDS = 0.05  # to read what came while the loop was busy
MOST_UNSENT = 64 * 1024  # bytes that the system takes for a client beyond what is on its way
SPARE_FILES = 100  # descriptors that are not for connections
MOST_CONNECTIONS = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES


class ConnectionWatch:
    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        idle_seconds: float,
    ) -> None:
        self._transport, self._loop = transport, loop
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
        self._idle_seconds = idle_seconds
        self._every = min(HEAD_SECONDS, idle_seconds)
        self._patience: float | None = HEAD_SECONDS  # none while a request is under way
        self._since = loop.time()
        self._unwritten = 0
        self._timer = loop.call_later(self._every, self._look)

    def head_began(self) -> None:
        self._patience, self._since = HEAD_SECONDS, self._loop.time()

    def request_began(self) -> None:
        self._patience = None

    def answered_early(self) -> None:
        """The rest of its body has as long as a head has."""
        if self._patience is None:
            self._patience, self._since = HEAD_SECONDS, self._loop.time()

    def request_ended(self, another: bool) -> None:
        """With another, the next one is in part here already."""
        self._patience = HEAD_SECONDS if another else self._idle_seconds
        self._since = self._loop.time()

    def renew(self) -> None:
        """The client has read what it was sent."""
        self._since, self._unwritten = self._loop.time(), 0

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        before, self._unwritten = self._unwritten, self._transport.get_write_buffer_size()
        if 0 < before <= self._unwritten:  # nothing was read since the last look
            self._transport.abort()
            return
        age, patience = self._loop.time() - self._since, self._patience
        if patience is not None and age > patience and not self._unwritten:
            self._loop.call_later(LAST_LOOK_SECONDS, self._close, self._since)
        self._timer = self._loop.call_later(self._every, self._look)

    def _close(self, since: float) -> None:
        """Unless something came: after a busy time timers are called before it is read."""
        if self._since == since and self._patience is not None:
            self._transport.close()
