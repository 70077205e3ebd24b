"""The routes of those who label: what to check next, and what to leave out."""

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from sqlalchemy import Connection

from pipeline.history.prediction_search import find_prediction
from pipeline.history.review import Strategy
from pipeline.history.review_queue import LEASE_SECONDS, Lent, give_back, lend, skip
from pipeline.store.feedback_log import lock_feedback_counter
from pipeline.store.records import is_prediction_id
from serving.errors import NotFound
from serving.routes.records import Number
from serving.routing.dependencies import Allowed, CurrentService
from serving.schemas import samples
from serving.schemas.examples import describe
from serving.service import Service

router = APIRouter(prefix="/review", tags=["history"], dependencies=[Allowed("feedback")])


@router.get("", responses=describe(401, 403, 422, 503, answer=samples.REVIEW))
async def review(
    service: CurrentService,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    strategy: Strategy = "mixed",
) -> dict[str, Any]:
    """Predictions to check next, chosen among the latest 2,000 of the live version.

    `mixed`, the default, has those first between whose two likeliest labels the model hesitates
    most, spread over different inputs, and one in ten drawn at random. What is given here is given
    to nobody else for ten minutes.
    """
    model, opinion = service.model, None
    if strategy == "disagreement":
        opinion = await asyncio.to_thread(service.second_opinion.beside, model)
    random = np.random.default_rng()
    wanted = (model.version, model.embedding.embedding_id, opinion, limit, strategy)

    def take(connection: Connection) -> list[Lent]:
        lock_feedback_counter(connection)
        return lend(connection, *wanted, time.time(), random)

    lent = await service.queries.write(take)
    return {"lease_seconds": LEASE_SECONDS, "predictions": [_show(one) for one in lent]}


@router.post(
    "/{prediction_id}/skip", responses=describe(401, 403, 404, 422, 503, answer={"skipped": True})
)
async def leave_out(prediction_id: Number, service: CurrentService) -> dict[str, bool]:
    """Ask nobody about this prediction again. It can still be answered."""
    await _change(service, prediction_id, skip)
    return {"skipped": True}


@router.post(
    "/{prediction_id}/release",
    responses=describe(401, 403, 404, 422, 503, answer={"released": True}),
)
async def release(prediction_id: Number, service: CurrentService) -> dict[str, bool]:
    """Give back what was lent, unanswered, before its ten minutes are over."""
    await _change(service, prediction_id, give_back)
    return {"released": True}


async def _change(
    service: Service, prediction_id: str, change: Callable[[Connection, str], None]
) -> None:
    def write(connection: Connection) -> bool:
        lock_feedback_counter(connection)
        known = find_prediction(connection, prediction_id) is not None
        if known:
            change(connection, prediction_id)
        return known

    if not is_prediction_id(prediction_id) or not await service.queries.write(write):
        raise NotFound("There is no such prediction on record.")


def _show(one: Lent) -> dict[str, Any]:
    row = one.prediction
    return {
        "prediction_id": row.id,
        "at": row.at,
        "model_version": row.version,
        "prediction": row.prediction,
        "why": one.why,
        "until": one.until,
    }
