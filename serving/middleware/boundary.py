"""The edge of the service, around FastAPI: request ids, limits, counts, the access log."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.hosts import Hosts
from serving.errors import describe_error
from serving.fast_path.protocol import DEADLINE
from serving.telemetry.metrics import Metrics
from serving.telemetry.request_ids import find_request_id

log = structlog.get_logger("access")
LOOKING = ("GET", "HEAD", "OPTIONS")
HEADERS = [  # of what a browser shows
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
]
QUIET = ("/livez", "/readyz", "/metrics")


class Boundary:
    """An ASGI layer for everything that does not take the fast path."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, hosts: Hosts, max_body: int, body_seconds: float
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._hosts = hosts
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
                named = (b"x-request-id", request_id.encode())
                page = HEADERS if _is_page(message["headers"]) else ()
                message["headers"] = [*message["headers"], *page, named]
                if status in (408, 413):  # the rest of the body is not read
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            refusal = self._refuse(scope)
            if refusal is None:
                await self._app(scope, self._limited(scope, receive), sending)
            else:
                await _answer(sending, request_id, *refusal)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        """A name that is not ours, or a page of somebody else that would change something."""
        headers = dict(scope["headers"])
        host = headers.get(b"host")
        if not self._hosts.allow(host):
            return 421, "This name is not one of ours; access.hosts in config.toml adds names."
        if scope["method"] in LOOKING:
            return None
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        if self._hosts.allow_origin(origin, site, host):
            return None
        return 403, "A page of another site may not send this."

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


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value[:9] == b"text/html" for name, value in headers)


async def _answer(send: Send, request_id: str, status: int, reason: str) -> None:
    body = msgspec.json.encode(describe_error(status, reason, request_id))
    length = b"%d" % len(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _method(scope: Scope) -> str:
    """A client may invent methods; a label may not have endless values."""
    known = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
    return scope["method"] if scope["method"] in known else "other"
