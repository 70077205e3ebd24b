"""The FastAPI application: its routes, and the boundary around them.

`serving/application.py` makes it.
"""

from fastapi import FastAPI

from serving import docs, explaining, feedback, gauges, health, models, predicting, retraining
from serving.handlers import add_error_handlers
from serving.middleware.boundary import Boundary
from serving.service import Service

DESCRIPTION = """Predict, say what it should have been, and see the model's life."""


def create_api(service: Service) -> FastAPI:
    api = FastAPI(
        title="Boucle",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_url=None,  # serving/docs.py has it, behind a key
    )
    api.state.service = service
    for module in (predicting, explaining, feedback, models, retraining, health, gauges, docs):
        api.include_router(module.router)
    add_error_handlers(api)
    return api


def wrap(api: FastAPI, service: Service) -> Boundary:
    wanted = service.settings.serving
    return Boundary(api, service.metrics, service.hosts, wanted.most_bytes, wanted.body_seconds)
