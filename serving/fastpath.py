"""The short way of the requests in `serving/shortcuts.py`, ahead of FastAPI's router.

It answers only where the FastAPI route would answer with 2xx, and the same. All else (another
content type, a body in parts, anything wrong) goes to the route with its body intact; the route
stays the one definition of what is valid.
"""

import asyncio
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.boundary import DEADLINE, REQUEST_ID
from serving.keys import NoKey, WrongKey, key_of
from serving.service import Service
from serving.shortcuts import Answer, Shortcut

LARGEST_BODY = 256 * 1024
JSON = (b"application/json", b"application/json; charset=utf-8")


class FastPath:
    """An ASGI layer around all others."""

    def __init__(self, app: ASGIApp, service: Service, shortcuts: list[Shortcut]) -> None:
        self._app = app
        self._service = service
        self._shortcuts = {shortcut.path: shortcut for shortcut in shortcuts}
        metrics = service.metrics
        self._answered = {
            (one.path, status): metrics.requests.labels("POST", one.path, str(status))
            for one in shortcuts
            for status in one.statuses
        }
        self._latency = {one.path: metrics.latency.labels(one.path) for one in shortcuts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shortcut = self._shortcuts.get(scope["path"]) if scope["type"] == "http" else None
        if shortcut is None or not self._may_enter(scope, shortcut):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        message = await self._receive(scope, receive)
        answer = None
        if message["type"] == "http.request" and not message.get("more_body"):
            content = message["body"]
            answer = await shortcut.answer(content) if len(content) <= LARGEST_BODY else None
        if answer is None:
            await self._app(scope, _again(message, receive), send)
            return
        await send(_head(scope, answer))
        await send({"type": "http.response.body", "body": answer.body})
        self._answered[shortcut.path, answer.status].inc()
        self._latency[shortcut.path].observe(time.perf_counter() - started)

    async def _receive(self, scope: Scope, receive: Receive) -> Message:
        """The body; or, at the deadline, word that it goes on: the boundary ends it then.

        Most bodies are here already, and a timer would cost as much as scoring. uvicorn's receive
        belongs to the request that knows; of another server's nothing is assumed.
        """
        if getattr(getattr(receive, "__self__", None), "more_body", True) is False:
            return await receive()
        deadline = asyncio.get_running_loop().time() + self._service.settings.serving.body_seconds
        scope.setdefault("state", {})[DEADLINE] = deadline
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError:
            return {"type": "http.request", "body": b"", "more_body": True}

    def _may_enter(self, scope: Scope, shortcut: Shortcut) -> bool:
        """A POST of JSON that needs no key or brings the right one."""
        if scope["method"] != "POST":
            return False
        content_type = None
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value
        if content_type not in JSON:
            return False
        return not self._service.keys.required or self._has_key(scope, shortcut)

    def _has_key(self, scope: Scope, shortcut: Shortcut) -> bool:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            self._service.keys.check(key_of(headers), shortcut.key_scope)
        except (NoKey, WrongKey):
            return False
        return True


def _head(scope: Scope, answer: Answer) -> dict[str, Any]:
    request_id = answer.request_id
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            request_id = value
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-request-id", request_id),
    ]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _again(message: Message, receive: Receive) -> Receive:
    """A receive that gives out what was taken already, then the rest."""
    taken: list[Message] = [message]

    async def receiving() -> Message:
        return taken.pop() if taken else await receive()

    return receiving
