"""Renders answers as bytes, for requests that FastAPI does not handle."""

from collections.abc import Iterable

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from serving.errors import describe_error
from serving.telemetry.request_ids import new_request_id

Defaults = Iterable[tuple[bytes, bytes]]


def render(
    status: int, body: bytes, request_id: bytes, defaults: Defaults, keep_alive: bool
) -> bytes:
    headers = [
        *defaults,
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id),
    ]
    if not keep_alive:
        headers.append((b"connection", b"close"))
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join((STATUS_LINE[status], *lines, b"\r\n", body))


def render_refusal(status: int, reason: str) -> bytes:
    request_id = new_request_id()
    body = msgspec.json.encode(describe_error(status, reason, request_id))
    return render(status, body, request_id.encode(), (), keep_alive=False)
