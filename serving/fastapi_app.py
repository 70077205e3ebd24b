"""The FastAPI application: its routes, and what lies around them.

`serving/application.py` makes it.
"""

from fastapi import FastAPI
from starlette.types import ASGIApp

from serving.middleware.body_limit import BodyLimit
from serving.middleware.instrumentation import instrument
from serving.middleware.request_context import RequestContext
from serving.routes import (
    docs,
    explain,
    feedback,
    health,
    history,
    inspection,
    metrics,
    predict,
    records,
    retrainings,
    review,
    versions,
)
from serving.routing.error_handlers import add_error_handlers
from serving.service import Service

ROUTES = (
    predict,
    explain,
    feedback,
    history,
    records,
    review,
    inspection,
    versions,
    retrainings,
    health,
    metrics,
    docs,
)
DESCRIPTION = """Predict, say what it should have been, and see the model's life."""


def create_api(service: Service) -> FastAPI:
    api = FastAPI(
        title="Boucle",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_url=None,  # serving/routes/docs.py has it, behind a key
    )
    api.state.service = service
    for module in ROUTES:
        api.include_router(module.router)
    add_error_handlers(api)
    instrument(api, service.metrics)
    return api


def wrap(api: FastAPI, service: Service) -> ASGIApp:
    wanted = service.settings.serving
    limited = BodyLimit(api, wanted.most_bytes, wanted.body_seconds)
    return RequestContext(limited, service.metrics, service.hosts)
