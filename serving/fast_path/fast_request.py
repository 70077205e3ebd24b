"""A request on the fast path: no task, no messages to and fro. Made by `protocol.py`."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from serving.fast_path.endpoints import Answer, FastEndpoint
from serving.telemetry.request_ids import given_request_id

Headers = Sequence[tuple[bytes, bytes]]


class FastRequest:
    """Stands where uvicorn keeps its cycle, and waits for what its answer is made of."""

    message_event = asyncio.Event()  # rung for the tasks of cycles; here there is none

    def __init__(
        self,
        endpoint: FastEndpoint,
        scope: Any,
        url: bytes,
        body: bytes,
        keep_alive: bool,
        respond: Callable[["FastRequest", Any], None],
        fall_back: Callable[["FastRequest"], None],
    ) -> None:
        self.endpoint = endpoint
        self.scope = scope
        self.url = url
        self.body = body
        self.keep_alive = keep_alive
        self._respond = respond
        self._fall_back = fall_back
        self.left = False
        self.response_complete = False
        self.disconnected = False
        self.started = time.perf_counter()
        self.given_id: bytes | None = None  # which the client brought; known when it is answered

    def done(self) -> bool:
        return self.response_complete or self.left

    def set_result(self, result: Any) -> None:
        self._respond(self, result)

    def set_exception(self, _error: BaseException) -> None:
        """The route will meet the same, and knows how to say it."""
        self._fall_back(self)

    def render(self, answer: Answer, default_headers: Headers) -> bytes:
        self.given_id = given_request_id(self.scope)
        headers = [
            *default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", self.given_id or answer.request_id),
        ]
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        lines = [b"%b: %b\r\n" % header for header in headers]
        return b"".join((STATUS_LINE[answer.status], *lines, b"\r\n", answer.body))
