"""uvicorn's HTTP protocol, with six changes.

A body that comes in small parts is handed on when all of it is here or there is much of it: to wake
who reads for each part made hundreds of slow bodies a burden for all others.
What is no HTTP is answered in the shape of all our errors. A head that never ends is cut off, one
that is too large is refused, and so is one that asks for another protocol: what follows it would be
read otherwise here than by a proxy before us. Trailers are not read. Connections are limited in
number, and one whose client reads no answer, or sends a body to nobody, is closed.
At the end, what has arrived and was not read yet is answered too; likewise when an idle connection
is to be closed.
"""

import asyncio
import resource
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.errors import describe_error
from serving.telemetry.request_ids import new_request_id

LARGEST_HEAD, MOST_FIELDS = 32_768, 100
SPARE_FILES = 100  # descriptors that are not for connections
LAST_LOOK_SECONDS = 0.05

HEAD_SECONDS = 10.0  # a head that is unfinished at two looks in a row is cut off


class HeadRefused(Exception):
    """A head that is not answered by the application; raised within the parser."""


class HardenedProtocol(HttpToolsProtocol):
    app: Any  # an Application
    most_connections = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES
    refusal = (400, "")
    body_is_open = False  # whether a part of the message is still to come
    _head_size = _data_size = _unwritten = 0
    _head_is_open = False
    _answered: Any = None  # what was answered while its body still came

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._unfinished: Any = self
        self._look = self.loop.call_later(HEAD_SECONDS, self.look)
        if len(self.connections) > self.most_connections:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._data_size = len(data)
        super().data_received(data)
        if self.parser is None or self.transport.is_closing():
            return
        if self._head_is_open:
            # Of a part of one field the parser tells nothing, so later parts are counted whole.
            self._head_size = self._head_size + len(data) if self._head_size else self._measure()
            if self._head_size > LARGEST_HEAD:
                self._refuse_size()
                self.send_400_response("")
        elif self.body_is_open and len(self.headers) > MOST_FIELDS:
            self._refuse_size()
            self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_size = 0
        self._head_is_open = self.body_is_open = True

    def _measure(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) + 1

    def _refuse_size(self) -> None:
        self.refusal = (
            431,
            f"The head is larger than {LARGEST_HEAD:,} bytes or {MOST_FIELDS} fields.",
        )

    def on_headers_complete(self) -> None:
        self.close_head()
        super().on_headers_complete()

    def close_head(self) -> None:
        """Raises HeadRefused for one that is too large, or asks for another protocol."""
        self._head_is_open = False
        large = self._data_size + self._head_size > LARGEST_HEAD
        if len(self.headers) > MOST_FIELDS or (large and self._measure() > LARGEST_HEAD):
            self._refuse_size()
            raise HeadRefused
        if self.parser.should_upgrade():
            self.refusal = 400, "No other protocol is spoken here."
            raise HeadRefused
        self.headers: list[tuple[bytes, bytes]] = []  # of trailers; the scope has those of the head

    def on_message_complete(self) -> None:
        self.body_is_open = False
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)

    def look(self) -> None:
        """Cut off a slow head: uvicorn has no limit, and clients that end none would pile up."""
        if self._is_stuck():
            self.transport.abort()
            return
        unfinished = not self.has_head()
        if unfinished and self._unfinished is self.scope:
            self.transport.close()
            return
        self._unfinished = self.scope if unfinished else self
        self._look = self.loop.call_later(HEAD_SECONDS, self.look)

    def _is_stuck(self) -> bool:
        """Whether the client has read nothing since the last look, or sends on after its answer."""
        before, self._unwritten = self._unwritten, self.transport.get_write_buffer_size()
        answered, self._answered = self._answered, None
        if self.body_is_open and self.has_head() and self.cycle and self.cycle.response_complete:
            self._answered = self.cycle
        sends_on = self._answered is not None and self._answered is answered
        return sends_on or 0 < before <= self._unwritten

    def has_head(self) -> bool:
        return self.cycle is not None and self.cycle.scope is self.scope

    def on_body(self, body: bytes | bytearray) -> None:
        """uvicorn's asks for an upgrade too; serving knows none."""
        if self.cycle.response_complete:
            return
        self.cycle.body += body
        if len(self.cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
            self.cycle.message_event.set()

    def shutdown(self) -> None:
        """Read twice more before a connection without a request is closed.

        While the loop was busy a request may have come that nobody has seen; uvicorn would cut it
        off. Between two timers the loop reads what has come.
        """
        self.loop.call_later(LAST_LOOK_SECONDS, self.shut_down_after, 2)

    def shut_down_after(self, looks: int) -> None:
        if looks and not self.transport.is_closing():
            self.loop.call_later(LAST_LOOK_SECONDS, self.shut_down_after, looks - 1)
        elif not self.transport.is_closing():
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Read once more: after a busy time the loop looks at its timers before its connections.

        What is read ends the task.
        """
        self.timeout_keep_alive_task = self.loop.call_later(
            LAST_LOOK_SECONDS, super().timeout_keep_alive_handler
        )

    def send_400_response(self, msg: str) -> None:
        request_id = new_request_id()
        status, reason = self.refusal
        body = msgspec.json.encode(describe_error(status, reason or msg, request_id))
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-request-id: {request_id}\r\n"
            f"connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
