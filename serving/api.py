"""The FastAPI application: its routes, and the layers around them.

Run it with `python -m serving`.
"""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.types import ASGIApp

from pipeline.settings import Settings, load_settings
from serving import docs, explaining, feedback, health, models, predicting, retraining
from serving.boundary import Boundary
from serving.errors import add_error_handlers
from serving.fastpath import FastPath
from serving.logs import configure_logs
from serving.service import Service, make_service
from serving.shortcuts import FeedbackShortcut, PredictShortcut

DESCRIPTION = """Predict, say what it should have been, and see the model's life."""


def create_app() -> ASGIApp:
    """What uvicorn calls in each worker."""
    configure_logs()
    settings = load_settings()
    service = make_service(settings)
    return wrap(create_api(service), service, settings)


def create_api(service: Service) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    api = FastAPI(
        title="Boucle",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,  # serving/docs.py has it, behind a key
    )
    api.state.service = service
    for module in (predicting, explaining, feedback, models, retraining, health, docs):
        api.include_router(module.router)
    add_error_handlers(api)
    return api


def wrap(api: FastAPI, service: Service, settings: Settings) -> ASGIApp:
    most = int(settings.serving.max_body_mb * 1_000_000)
    boundary = Boundary(api, service.metrics, most, settings.serving.body_seconds)
    return FastPath(boundary, service, [PredictShortcut(service), FeedbackShortcut(service)])
