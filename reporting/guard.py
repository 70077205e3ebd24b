"""Stands in front of the Evidently UI, which trusts whoever reaches it.

Its API makes projects, uploads data and runs templates, and one of these ways led from a form on
any web page to a command on this machine. Our pages only look: what they need is allowed, nothing
else. tests/security/test_evidently.py walks Evidently's own routes and fails on one that is new.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pipeline.hosts import Hosts

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOKING = ("GET", "HEAD")
CLOSED = re.compile(r"/(schema|api/(artifacts|prompts|llm_judges|datasets|v1/traces))(/|$)")
CHARTS = re.compile(r"/api/v2/snapshots/[0-9a-f-]{36}/data_series_batch")  # a POST that only looks
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"referrer-policy", b"same-origin"),
]


class Guard:
    def __init__(self, app: App, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif (refusal := self._refuse(scope)) is not None:
            await _answer(send, *refusal)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host")
        if not self._hosts.allow(host):
            return 421, "This name is not one of ours; access.hosts in config.toml adds names."
        if not may(scope["method"], scope["path"]):
            return 403, "These pages only look; this is closed."
        if scope["method"] in LOOKING:
            return None
        if headers.get(b"content-type", b"").partition(b";")[0].strip() != b"application/json":
            return 415, "Only application/json is read here."
        site = headers.get(b"sec-fetch-site")
        if not self._hosts.allow_origin(headers.get(b"origin"), site, host):
            return 403, "A page of another site may not send this."
        return None


def may(method: str, path: str) -> bool:
    """Whether our pages need it."""
    if method in LOOKING:
        return CLOSED.match(path) is None
    return method == "POST" and CHARTS.fullmatch(path) is not None


async def _answer(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers + HEADERS})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sending
