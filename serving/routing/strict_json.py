"""How routes read a request: the key first, then JSON, strictly.

Nothing gets in that could not be answered or stored.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from serving.keys import Scope
from serving.routing.dependencies import ask_for_key

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
    scope: Scope

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            ask_for_key(request, self.scope)
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def strict_route(scope: Scope) -> type[StrictJsonRoute]:
    """Routes that ask for the key of a scope before they read a byte of the body, strictly."""
    return type("StrictJsonRoute", (StrictJsonRoute,), {"scope": scope})
