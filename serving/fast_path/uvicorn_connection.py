"""Wraps uvicorn's own protocol, which handles all requests that the fast path does not.

It receives one request at a time, and never bytes of the next one.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from serving.middleware.body_limit import DEADLINE


class UvicornConnection:
    def __init__(
        self,
        config: Config,
        server: ServerState,
        state: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        done: Callable[[], None],
    ) -> None:
        """`done` is called when the application is done with a request."""
        self._protocol = protocol = HttpToolsProtocol(config, server, state, loop)
        self._application = protocol.app
        protocol.app = self._run
        self._loop, self._connections, self._done = loop, server.connections, done
        self._deadline: float | None = None
        self.send = protocol.data_received
        self.pause_writing, self.resume_writing = protocol.pause_writing, protocol.resume_writing
        self.shutdown = protocol.shutdown
        self.connection_lost = protocol.connection_lost

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._protocol.connection_made(transport)
        self._connections.discard(self._protocol)  # the server shuts down FastPathProtocol instead

    @property
    def reading_paused(self) -> bool:
        """Whether uvicorn has paused reading for its application; it resumes by itself."""
        return self._protocol.flow.read_paused

    @property
    def answer_began(self) -> bool:
        """Whether the answer to the latest request has begun."""
        return self._protocol.cycle is not None and self._protocol.cycle.response_started

    def begin(self, head: bytes, deadline: float | None) -> None:
        """Begin a request. `deadline`: when its body must be complete, if that was awaited."""
        self._deadline = deadline
        self._protocol.data_received(head)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._deadline is not None:
            scope["state"][DEADLINE] = self._deadline
        try:
            await self._application(scope, receive, send)
        finally:
            self._loop.call_soon(self._end)

    def _end(self) -> None:
        """Stop uvicorn's timer for idle connections, for FastPathProtocol closes these."""
        if self._protocol.timeout_keep_alive_task is not None:
            self._protocol.timeout_keep_alive_task.cancel()
            self._protocol.timeout_keep_alive_task = None
        self._done()
