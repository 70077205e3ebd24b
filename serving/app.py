"""The FastAPI application: its routes, and the boundary around them.

`serving/application.py` makes it.
"""

from fastapi import FastAPI

from serving.middleware.boundary import Boundary
from serving.routes import docs, explain, feedback, health, metrics, predict, retrainings, versions
from serving.routes.error_handlers import add_error_handlers
from serving.service import Service

DESCRIPTION = """Predict, say what it should have been, and see the model's life."""


def create_api(service: Service) -> FastAPI:
    api = FastAPI(
        title="Boucle",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_url=None,  # serving/routes/docs.py has it, behind a key
    )
    api.state.service = service
    for module in (predict, explain, feedback, versions, retrainings, health, metrics, docs):
        api.include_router(module.router)
    add_error_handlers(api)
    return api


def wrap(api: FastAPI, service: Service) -> Boundary:
    wanted = service.settings.serving
    return Boundary(api, service.metrics, service.hosts, wanted.most_bytes, wanted.body_seconds)
