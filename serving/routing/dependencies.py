"""What routes ask for: the service behind them, and a key."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from serving.keys import Scope, key_of
from serving.service import Service


async def _service(request: Request) -> Service:  # a plain function would be run in a thread
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(_service)]


@dataclass(frozen=True)
class Check:
    """Lets in who has the key of this scope."""

    scope: Scope

    async def __call__(self, request: Request, service: CurrentService) -> None:
        self.ask(request, service)

    def ask(self, request: Request, service: Service) -> None:
        service.keys.check(key_of(request.headers), self.scope)


def Allowed(scope: Scope) -> Any:  # noqa: N802  # reads like FastAPI's own Depends
    """The dependency of a route that needs a key."""
    return Depends(Check(scope))
