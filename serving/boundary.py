"""The edge of the service, around FastAPI: request ids, limits, counts, the access log."""

import asyncio
import time
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import Metrics
from serving.protocol import DEADLINE
from serving.request_ids import find_request_id

log = structlog.get_logger("access")
QUIET = ("/livez", "/readyz", "/metrics")


class Boundary:
    """An ASGI layer for everything that does not take the fast path."""

    def __init__(self, app: ASGIApp, metrics: Metrics, max_body: int, body_seconds: float) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body = max_body
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request_id, status = time.perf_counter(), find_request_id(scope), 500
        scope.setdefault("state", {})["request_id"] = request_id

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                if status in (408, 413):  # the rest of the body is not read
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), sending)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """A receive that stops at a body too large or too slow."""
        now = asyncio.get_running_loop().time()
        received, deadline = 0, scope["state"].get(DEADLINE, now + self._body_seconds)
        declared = dict(scope["headers"]).get(b"content-length", b"")
        too_large = declared.isdigit() and int(declared) > self._max_body
        complete = False

        async def receiving() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            if too_large or received > self._max_body:
                raise HTTPException(413, f"The body is larger than {self._max_body:,} bytes.")
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The body did not arrive in time.") from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self._max_body:
                raise HTTPException(413, f"The body is larger than {self._max_body:,} bytes.")
            return message

        return receiving

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        handler = getattr(route, "path", "none")
        self._metrics.requests.labels(_method(scope), handler, str(status)).inc()
        self._metrics.latency.labels(handler).observe(seconds)
        if handler not in QUIET:
            facts = {"method": scope["method"], "handler": handler, "status": status}
            milliseconds = round(seconds * 1000, 2)
            log.info("request", **facts, ms=milliseconds, request_id=scope["state"]["request_id"])


def _method(scope: Scope) -> str:
    """A client may invent methods; a label may not have endless values."""
    known = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
    return scope["method"] if scope["method"] in known else "other"
