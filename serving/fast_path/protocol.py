"""The asyncio protocol in front of uvicorn's: answers some requests and passes on the others.

It reads one request at a time. A plain prediction or feedback is answered here once it is on
record, with the 2xx answer that the FastAPI route would give. Everything else (another content
type, a large body, any mistake) goes to uvicorn as it came, so that the route stays the one
definition of what is valid. Invalid HTTP is refused.

The body of a POST is buffered first, so that a slow client occupies its connection and nothing
else. A body over 64 kB, or one that takes too long, is passed on incomplete.
"""

import asyncio
import time
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from serving.fast_path.connection_watch import (
    LAST_LOOK_SECONDS,
    MOST_CONNECTIONS,
    ConnectionWatch,
)
from serving.fast_path.fast_request import FastRequest
from serving.fast_path.head import Refused
from serving.fast_path.held_body import HeldBody
from serving.fast_path.request_reader import RequestReader
from serving.fast_path.responses import render_refusal
from serving.fast_path.uvicorn_connection import UvicornConnection

CLOSING_SECONDS = 10.0
MOST_HELD = 64 * 1024  # bytes of a buffered body, and of unread input behind a request


class FastPathProtocol(asyncio.Protocol):
    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_event_loop()
        self._server = server_state
        self._connections: Any = server_state.connections
        self._app: Any = config.loaded_app
        self._uvicorn = UvicornConnection(
            config, server_state, app_state, self._loop, self._end_routed
        )
        self._idle_seconds = config.timeout_keep_alive
        self._transport: Any = None
        self._reader = RequestReader()
        self._held: HeldBody | None = None
        self._fast_request: FastRequest | None = None
        self._routed = False  # uvicorn is answering the request
        self._closing = self._reading_paused = self._writing_paused = False
        self._answer_until = 0.0  # while closing, requests that have arrived are answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.add(self)
        self._uvicorn.connection_made(self._transport)
        self._watch = ConnectionWatch(self._transport, self._loop, self._idle_seconds)
        if len(self._connections) > MOST_CONNECTIONS:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.stop()
        self._take_held()
        self._reader.clear()
        self._connections.discard(self)
        self._uvicorn.connection_lost(exc)

    def pause_writing(self) -> None:
        self._writing_paused = True
        self._uvicorn.pause_writing()

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._uvicorn.resume_writing()
        self._watch.renew()
        self._advance()

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        nothing_waited = not self._reader.begun and not self._reader
        self._reader.add(data)
        self._advance()
        if nothing_waited and not self._reader.begun and self._reader:
            self._watch.head_began()

    # Reading.

    def _advance(self) -> None:
        """Go on until data, an answer, or a client that reads is needed."""
        try:
            while not self._transport.is_closing() and self._step():
                pass
        except Refused as refused:
            self._refuse(refused)
        if self._transport.is_closing():
            return
        if len(self._reader) > MOST_HELD:
            self._transport.pause_reading()
            self._reading_paused = True
        elif self._reading_paused:
            self._reading_paused = False
            if not self._uvicorn.reading_paused:
                self._transport.resume_reading()

    def _step(self) -> bool:
        """Returns True if another step may be possible."""
        if not self._reader.begun:
            return not self._writing_paused and self._begin()
        if self._held is not None or not self._reader.is_read:
            return self._read_body()
        return False

    def _begin(self) -> bool:
        if not self._reader.begin():
            return False
        self._watch.request_began()
        if self._reader.head.method == b"POST" and not self._reader.head.expects:
            self._held = HeldBody()
        else:
            self._route()
        return True

    def _read_body(self) -> bool:
        before = len(self._reader)
        part = self._reader.read()
        if self._held is not None:
            self._hold(self._held, part)
        else:
            if content := self._reader.encode(part):
                self._uvicorn.send(content)
            self._end_if_answered()
        return len(self._reader) < before

    def _hold(self, held: HeldBody, part: bytes) -> None:
        held.content += part
        if not self._reader.is_read and len(held.content) <= MOST_HELD:
            held.wait(self._app.body_deadlines, self._loop, self._route)
        elif len(held.content) > MOST_HELD or not self._submit(held):
            self._route()

    def _take_held(self) -> HeldBody:
        """Stop waiting for the body, and return what was buffered of it."""
        held, self._held = self._held or HeldBody(), None
        held.stop()
        return held

    def _refuse(self, refused: Refused) -> None:
        routed = self._reader.begun and self._held is None
        self._reader.clear()
        self._take_held()
        if not (routed and self._uvicorn.answer_began):
            self._transport.write(render_refusal(refused.status, refused.reason))
        self._transport.close()
        self._app.count_refusal(refused.status)

    # Answering.

    def _route(self) -> None:
        """Pass the request to uvicorn with the part of the body that has arrived."""
        held = self._take_held()
        self._routed = True
        self._uvicorn.begin(self._reader.head.content, held.deadline)
        if content := self._reader.encode(bytes(held.content)):
            self._uvicorn.send(content)
        if self._is_last():
            self._uvicorn.shutdown()

    def _is_last(self) -> bool:
        """Whether the connection is closed after the current request."""
        return self._closing and (not self._reader or self._loop.time() > self._answer_until)

    def _end_routed(self) -> None:
        self._routed = False
        self._end_if_answered()

    def _submit(self, held: HeldBody) -> bool:
        """Try the fast path. Returns False if uvicorn has to handle the request."""
        head = self._reader.head
        endpoint = self._app.fast.find(head.url, head.headers)
        if endpoint is None or len(held.content) > self._app.fast.most_bytes:
            return False
        request = FastRequest(endpoint, head, bytes(held.content), self._respond, self._fall_back)
        if not request.submit():
            return False
        self._take_held()
        self._fast_request = request
        return True

    def _fall_back(self, request: FastRequest) -> None:
        request.settled, self._fast_request = True, None
        if not self._transport.is_closing():
            self._held = HeldBody(request.body)
            self._route()

    def _respond(self, request: FastRequest, result: Any) -> None:
        """Send the answer, or pass the request on if the FastAPI route has to handle it."""
        answer = request.answer(result)
        if answer is None:
            self._fall_back(request)
            return
        request.settled, self._fast_request = True, None
        self._server.total_requests += 1
        if not self._transport.is_closing():
            keep_alive = request.head.keep_alive and not self._is_last()
            self._transport.write(request.render(answer, self._server.default_headers, keep_alive))
            if not keep_alive:
                self._transport.close()
        if request.given_id:
            self._app.fast.note_request(request.endpoint, answer, request.given_id)
        self._app.fast.count(request.endpoint, answer.status, time.perf_counter() - request.started)
        self._end_if_answered()

    def _end_if_answered(self) -> None:
        if self._routed or self._fast_request is not None:
            return
        if self._reader.is_read:
            self._reader.end()
            self._watch.request_ended(bool(self._reader))
            if self._reader:  # later: this call may answer other connections, too
                self._loop.call_soon(self._advance)
        else:
            self._watch.answered_early()

    def shutdown(self) -> None:
        """Look twice more before closing: a request may have come while the loop was busy."""
        self._closing, self._answer_until = True, self._loop.time() + CLOSING_SECONDS
        self._loop.call_later(LAST_LOOK_SECONDS, self._shut_down, 2)

    def _shut_down(self, looks: int) -> None:
        self._advance()  # a request that has arrived may not have begun yet
        if self._transport.is_closing():
            return
        waits = bool(self._writing_paused and self._reader)  # until the client reads
        if self._held is not None:
            self._route()
        elif self._routed:
            if self._is_last():
                self._uvicorn.shutdown()
        elif not looks and self._fast_request is None and not waits:
            self._transport.close()
        self._loop.call_later(LAST_LOOK_SECONDS, self._shut_down, max(looks - 1, 0))
