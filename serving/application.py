"""The application that uvicorn runs: it predicts at once, and loads the FastAPI part meanwhile.

Half of a cold start is importing SQLAlchemy and FastAPI, opening the store and making the routes.
A prediction needs none of that. Requests for a route wait until it is done.
"""

import asyncio
import logging
import signal
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.settings import InvalidSetting, load_settings
from serving.fast_path.dispatch import FastPath
from serving.fast_path.endpoints import FeedbackEndpoint, PredictEndpoint
from serving.fast_path.held_body import BodyDeadlines
from serving.service import Service, freeze_loaded_objects, make_service
from serving.telemetry.logs import configure_logs

log = logging.getLogger(__name__)


def create_app() -> "Application":
    """What uvicorn calls in each worker."""
    settings = load_settings()
    configure_logs(settings.logs.format)
    return Application(make_service(settings), make_routes)


def make_routes(service: Service) -> ASGIApp:
    service.open_store()
    from serving.fastapi_app import create_api, wrap

    routes = wrap(create_api(service), service)
    freeze_loaded_objects()
    return routes


class Application:
    def __init__(self, service: Service, make_routes: Callable[[Service], ASGIApp]) -> None:
        self._service = service
        self._make_routes = make_routes
        self._routes: asyncio.Future[ASGIApp] | None = None
        self.fast = FastPath(service, [PredictEndpoint(service), FeedbackEndpoint(service)])
        self.body_deadlines = BodyDeadlines(service.settings.serving.body_seconds)

    def count_refusal(self, status: int) -> None:
        """Of what the protocol answers by itself."""
        self._service.metrics.requests.labels("other", "none", str(status)).inc()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._routes is not None:
            routes = await asyncio.shield(self._routes)
            await routes(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the start to the end of the worker, in the words of ASGI."""
        await receive()
        async with self._service.running():
            loop = asyncio.get_running_loop()
            self._routes = loop.run_in_executor(None, self._make_routes, self._service)
            self._routes.add_done_callback(_end_without_routes)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await asyncio.wait([self._routes])  # the store is open then, and can be closed
        await send({"type": "lifespan.shutdown.complete"})


def _end_without_routes(routes: "asyncio.Future[ASGIApp]") -> None:
    if routes.cancelled() or (error := routes.exception()) is None:
        return
    if isinstance(error, InvalidSetting):
        log.critical("%s", error)
    else:
        log.critical("The routes cannot be made", exc_info=error)
    signal.raise_signal(signal.SIGTERM)
