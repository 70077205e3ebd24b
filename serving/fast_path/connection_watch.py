"""Closes connections that clients keep open without using them.

A connection is closed when the head of a request stays incomplete, when the client does not read an
answer, when it goes on sending a body that is answered already, or when it is idle for too long.
One timer for each connection checks this every few seconds: a timer for each request would cost as
much as its answer.
"""

import asyncio
import resource
import socket

HEAD_SECONDS = 10.0  # until a head must be complete
LAST_LOOK_SECONDS = 0.05  # before closing, to read what arrived while the loop was busy
MOST_UNSENT = 64 * 1024  # bytes that the kernel buffers for a client beyond those in flight
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
        self._timeout: float | None = HEAD_SECONDS  # None while a request is processed
        self._since = loop.time()
        self._unwritten = 0
        self._timer = loop.call_later(self._every, self._look)

    def head_began(self) -> None:
        self._timeout, self._since = HEAD_SECONDS, self._loop.time()

    def request_began(self) -> None:
        self._timeout = None

    def answered_early(self) -> None:
        """The answer was sent before all of the body came: the rest gets as long as a head."""
        if self._timeout is None:
            self._timeout, self._since = HEAD_SECONDS, self._loop.time()

    def request_ended(self, another: bool) -> None:
        """`another`: a part of the next request has arrived already."""
        self._timeout = HEAD_SECONDS if another else self._idle_seconds
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
        age, timeout = self._loop.time() - self._since, self._timeout
        if timeout is not None and age > timeout and not self._unwritten:
            self._loop.call_later(LAST_LOOK_SECONDS, self._close, self._since)
        self._timer = self._loop.call_later(self._every, self._look)

    def _close(self, since: float) -> None:
        """Close, unless something arrived: a busy event loop calls timers before it reads."""
        if self._since == since and self._timeout is not None:
            self._transport.close()
