"""How routes read a request: the key first, then JSON, strictly.

Nothing gets in that could not be answered or stored.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from serving.routing.dependencies import Check

FEATURES_ALONE = "/predict"  # takes features without `features` around them
MOST_NAMES = 20  # of a body; each that means nothing would be found and described apart


class StrictRequest(Request):
    """Parses with msgspec: no NaN, no Infinity, no lone surrogate, no bottomless nesting."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = msgspec.json.decode(await self.body())
            except RecursionError:
                raise HTTPException(400, "The body is nested too deeply.") from None
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise HTTPException(400, f"The body is not valid JSON: {error}.") from None
            if isinstance(self._json, dict) and len(self._json) > MOST_NAMES:
                self._refuse_names(self._json)
        return self._json

    def _refuse_names(self, body: dict[str, Any]) -> None:
        if self.scope["path"] == FEATURES_ALONE and not {"features", "image"} & body.keys():
            return  # an observation: its names are looked at together
        raise HTTPException(422, f"A body of {len(body):,} names means nothing here.")


class StrictJsonRoute(APIRoute):
    """A route that asks for the key before it reads a byte of the body, and reads strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        checks = [d.dependency for d in self.dependencies if isinstance(d.dependency, Check)]

        async def handle_strictly(request: Request) -> Response:
            for check in checks:
                check.ask(request, request.app.state.service)
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly
