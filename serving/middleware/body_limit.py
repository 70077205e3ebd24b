"""Stops at a body that is too large or too slow: 413 and 408."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEADLINE = "body_deadline"  # in the state of a request: until when its body was waited for


class BodyLimit:
    def __init__(self, app: ASGIApp, most_bytes: int, most_seconds: float) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = self._limited(scope, receive)
        await self._app(scope, receive, send)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        now = asyncio.get_running_loop().time()
        received, deadline = 0, scope["state"].get(DEADLINE, now + self._most_seconds)
        declared = dict(scope["headers"]).get(b"content-length", b"")
        too_large = declared.isdigit() and int(declared) > self._most_bytes
        complete = False

        async def receiving() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            if too_large or received > self._most_bytes:
                raise HTTPException(413, f"The body is larger than {self._most_bytes:,} bytes.")
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The body did not arrive in time.") from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self._most_bytes:
                raise HTTPException(413, f"The body is larger than {self._most_bytes:,} bytes.")
            return message

        return receiving
