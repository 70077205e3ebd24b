"""The routes that watchers read: liveness and readiness."""

from typing import Any

from fastapi import APIRouter

from serving.routing.dependencies import CurrentService
from serving.schemas import samples
from serving.schemas.examples import describe

router = APIRouter(tags=["health"])


@router.get("/livez", responses=describe(answer={"status": "alive"}))
async def live() -> dict[str, str]:
    """The process runs and answers."""
    return {"status": "alive"}


@router.get("/readyz", responses=describe(503, answer=samples.READY))
async def ready(service: CurrentService) -> dict[str, Any]:
    """A model is live. While the store is away predictions are still answered, feedback is not."""
    store = "up" if service.writer.store_available else "away"
    return {"status": "ready", "model_version": service.model.version, "store": store}
