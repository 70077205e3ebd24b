"""The routes that watchers read: liveness, readiness, metrics."""

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import Connection, func, select

from pipeline.store.feedback_log import count_feedback
from pipeline.store.retraining_queue import DECIDED
from pipeline.store.tables import StoreAway, retrainings
from serving import samples
from serving.access import Allowed, Here
from serving.asking import in_store
from serving.examples import describe
from serving.metrics import describe_loop, describe_model, describe_store

router = APIRouter(tags=["health"])


@router.get("/livez", responses=describe(answer={"status": "alive"}))
async def live() -> dict[str, str]:
    """The process runs and answers."""
    return {"status": "alive"}


@router.get("/readyz", responses=describe(503, answer=samples.READY))
async def ready(service: Here) -> dict[str, Any]:
    """A model is live. While the store is away predictions are still answered, feedback is not."""
    store = "up" if service.writer.up else "away"
    return {"status": "ready", "model_version": service.model.version, "store": store}


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, answer=samples.METRICS, kind="text/plain"),
)
async def metrics(service: Here) -> Response:
    """All figures for Prometheus."""
    gauges = [*describe_store(service.writer.up, service.writer.spooled)]
    if service.live.model is not None:
        gauges += describe_model(service.live.model)
    with contextlib.suppress(StoreAway):  # absent rather than wrong; store_up says why
        rows, decisions = await in_store(service, _count, write=False)
        every = service.settings.retraining.every
        gauges += describe_loop(every - rows % every, decisions)
    content = await asyncio.to_thread(service.metrics.render, gauges)
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


def _count(connection: Connection) -> tuple[int, dict[tuple[str, str], int]]:
    columns = (retrainings.c.trigger, retrainings.c.state)
    query = select(*columns, func.count()).where(retrainings.c.state.in_(DECIDED))
    decisions = {(t, s): n for t, s, n in connection.execute(query.group_by(*columns))}
    return count_feedback(connection), decisions
