"""The physical floor: a raw ASGI app that decodes the body of a prediction and sends it back."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

Message = dict[str, Any]


class Body(msgspec.Struct):
    features: dict[str, float] | list[float]


decoder = msgspec.json.Decoder(Body)
encoder = msgspec.json.Encoder()


async def app(
    _: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    answer = encoder.encode(decoder.decode(body))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
