"""What routes ask for: the service behind them, and a key."""

from typing import Annotated, Any

from fastapi import Depends, Request

from serving.keys import Scope, key_of
from serving.service import Service


async def _service(request: Request) -> Service:  # a plain function would be run in a thread
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(_service)]


def ask_for_key(request: Request, scope: Scope) -> None:
    request.app.state.service.keys.check(key_of(request.headers), scope)


def Allowed(scope: Scope) -> Any:  # noqa: N802  # reads like FastAPI's own Depends
    """The dependency of a route without a body; where there is one `strict_route` asks."""

    async def check(request: Request) -> None:
        ask_for_key(request, scope)

    return Depends(check)
