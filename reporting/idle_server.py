"""Serves an application on a socket that is open already, until nobody has asked for a while."""

import asyncio
import os
import socket
import time
from collections.abc import Sequence

import uvicorn

from reporting.guard import App, Receive, Scope, Send
from reporting.ui_door import HEALTH

LOOK_SECONDS = 1.0


class Watched:
    """Notes when somebody last asked; who asks for its health does not count."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.asked_at = time.monotonic()
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == HEALTH:
            head = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b"up\n"})
            return
        self._waiting += scope["type"] == "http"
        try:
            await self._app(scope, receive, send)
        finally:
            self._waiting -= scope["type"] == "http"
            self.asked_at = time.monotonic()

    def idle_seconds(self) -> float:
        return 0.0 if self._waiting else time.monotonic() - self.asked_at


class IdleServer(uvicorn.Server):
    def __init__(self, app: Watched, ready: int, most_idle: float) -> None:
        super().__init__(uvicorn.Config(app, log_level="warning"))
        self._watched, self._ready, self._most_idle = app, ready, most_idle

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        os.write(self._ready, b"1")
        os.close(self._ready)
        if self._most_idle:
            self._watch = asyncio.create_task(self._end_when_idle())

    async def _end_when_idle(self) -> None:
        while self._watched.idle_seconds() < self._most_idle:
            await asyncio.sleep(LOOK_SECONDS)
        self.should_exit = True


def answer(app: App, door: int, ready: int, most_idle: float) -> None:
    """Until it is idle for so many seconds; 0: for ever."""
    listening: Sequence[socket.socket] = [socket.socket(fileno=door)]
    IdleServer(Watched(app), ready, most_idle).run(sockets=list(listening))
