"""A request on the short way: no task, no messages to and fro. Made by `shortway.py`."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from serving.fast_path.shortcuts import Answer, FastEndpoint
from serving.telemetry.request_ids import given_request_id

Headers = Sequence[tuple[bytes, bytes]]


class FastRequest:
    """Stands where uvicorn keeps its cycle, and waits for what its answer is made of."""

    message_event = asyncio.Event()  # rung for the tasks of cycles; here there is none

    def __init__(
        self,
        shortcut: FastEndpoint,
        scope: Any,
        url: bytes,
        body: bytes,
        keep_alive: bool,
        settle: Callable[["FastRequest", Any], None],
        leave: Callable[["FastRequest"], None],
    ) -> None:
        self.shortcut = shortcut
        self.scope = scope
        self.url = url
        self.body = body
        self.keep_alive = keep_alive
        self._settle = settle
        self._leave = leave
        self.left = False
        self.response_complete = False
        self.disconnected = False
        self.started = time.perf_counter()

    def done(self) -> bool:
        return self.response_complete or self.left

    def set_result(self, result: Any) -> None:
        self._settle(self, result)

    def set_exception(self, _error: BaseException) -> None:
        """The route will meet the same, and knows how to say it."""
        self._leave(self)

    def render(self, answer: Answer, default_headers: Headers) -> bytes:
        headers = [
            *default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", given_request_id(self.scope) or answer.request_id),
        ]
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        lines = [b"%b: %b\r\n" % header for header in headers]
        return b"".join((STATUS_LINE[answer.status], *lines, b"\r\n", answer.body))
