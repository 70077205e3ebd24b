"""The short way of a well-formed `POST /predict`, ahead of FastAPI's router.

It answers only what the FastAPI route would answer with 200, and the same. All else (another
content type, a body in parts, an image, anything wrong) goes to the route with its body intact;
the route stays the one definition of what is valid.
"""

import asyncio
import time
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.observation import BadObservation
from serving.boundary import DEADLINE, REQUEST_ID
from serving.keys import NoKey, WrongKey, key_of
from serving.predictor import ScoringFailed, SpoolFull
from serving.service import Service

LARGEST_BODY = 256 * 1024
PREDICTION_ID = slice(18, 50)  # in {"prediction_id":"..."
JSON = (b"application/json", b"application/json; charset=utf-8")


class Body(msgspec.Struct, forbid_unknown_fields=True):
    features: msgspec.Raw


decode_body = msgspec.json.Decoder(Body).decode


class FastPath:
    """An ASGI layer around all others."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        self._answered = service.metrics.requests.labels("POST", "/predict", "200")
        self._latency = service.metrics.latency.labels("/predict")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/predict" or not self._may_enter(scope):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        message = await self._receive(scope, receive)
        answer = None
        if message["type"] == "http.request" and not message.get("more_body"):
            answer = await self._answer(message["body"])
        if answer is None:
            await self._app(scope, _again(message, receive), send)
            return
        await send(_head(scope, answer))
        await send({"type": "http.response.body", "body": answer})
        self._answered.inc()
        self._latency.observe(time.perf_counter() - started)

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

    def _may_enter(self, scope: Scope) -> bool:
        """A POST of JSON that needs no key or brings the right one."""
        if scope["method"] != "POST":
            return False
        content_type = None
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value
        if content_type not in JSON:
            return False
        return not self._service.keys.required or self._has_key(scope)

    def _has_key(self, scope: Scope) -> bool:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            self._service.keys.check(key_of(headers), "predict")
        except (NoKey, WrongKey):
            return False
        return True

    async def _answer(self, content: bytes) -> bytes | None:
        """The answer as JSON; None where the route must decide."""
        model = self._service.live.model
        if model is None or len(content) > LARGEST_BODY:
            return None
        try:
            row, observation = model.decoder.decode(decode_body(content).features)
            return await self._service.predictor.submit(model, row, observation)
        except (
            msgspec.MsgspecError,
            UnicodeDecodeError,
            RecursionError,
            BadObservation,
            SpoolFull,
            ScoringFailed,
        ):
            return None


def _head(scope: Scope, answer: bytes) -> dict[str, Any]:
    request_id = answer[PREDICTION_ID]
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            request_id = value
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(answer)),
        (b"x-request-id", request_id),
    ]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def _again(message: Message, receive: Receive) -> Receive:
    """A receive that gives out what was taken already, then the rest."""
    taken: list[Message] = [message]

    async def receiving() -> Message:
        return taken.pop() if taken else await receive()

    return receiving
