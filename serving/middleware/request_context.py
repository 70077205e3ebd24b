"""Around all of FastAPI: who may ask, the id of each request, the access log."""

import logging
import time
from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.ecs_log import FIELDS
from pipeline.hosts import Hosts
from serving.errors import describe_error
from serving.telemetry.metrics import Metrics
from serving.telemetry.request_ids import find_request_id

log = logging.getLogger("access")
LOOKING = ("GET", "HEAD", "OPTIONS")
LENDING = ("/review",)  # a GET that changes something: what it gives, others do not get
HEADERS = [  # of what a browser shows
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
]
UNLOGGED = ("/livez", "/readyz", "/metrics")


class RequestContext:
    def __init__(self, app: ASGIApp, metrics: Metrics, hosts: Hosts) -> None:
        self._app = app
        self._metrics = metrics
        self._hosts = hosts

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
                await self._app(scope, receive, sending)
            else:
                await _answer(sending, request_id, *refusal)
                seconds = time.perf_counter() - started
                self._metrics.observe_request(scope["method"], "none", refusal[0], seconds)
        finally:
            _log_access(scope, status, time.perf_counter() - started)

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        """A name that is not ours, or a page of somebody else that would change something."""
        headers = dict(scope["headers"])
        host = headers.get(b"host")
        if not self._hosts.allow(host):
            return 421, "This name is not one of ours; access.hosts in config.toml adds names."
        if scope["method"] in LOOKING and scope["path"] not in LENDING:
            return None
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        if self._hosts.allow_origin(origin, site, host):
            return None
        return 403, "A page of another site may not send this."


def _log_access(scope: Scope, status: int, seconds: float) -> None:
    route: Any = scope.get("route")
    handler = getattr(route, "path", "none")
    if handler not in UNLOGGED:
        facts = {"method": scope["method"], "handler": handler, "status": status}
        facts |= {"ms": round(seconds * 1000, 2), "request_id": scope["state"]["request_id"]}
        log.info("request", extra={FIELDS: facts})


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value[:9] == b"text/html" for name, value in headers)


async def _answer(send: Send, request_id: str, status: int, reason: str) -> None:
    body = msgspec.json.encode(describe_error(status, reason, request_id))
    length = b"%d" % len(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
