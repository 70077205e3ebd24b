"""The route that explains a recorded prediction."""

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter

from serving.errors import Conflict
from serving.helpers.explainer import CannotExplain, ExplanationRequest
from serving.routes.records import find_or_refuse
from serving.routing.dependencies import CurrentService
from serving.routing.strict_json import strict_route
from serving.schemas import samples
from serving.schemas.bodies import ExplainBody, Explanation
from serving.schemas.examples import BODY, describe

router = APIRouter(tags=["predict"], route_class=strict_route("predict"))


@router.post(
    "/explain",
    response_model=Explanation,
    response_model_exclude_unset=True,
    responses=describe(401, 403, 404, 409, 429, *BODY, answer=samples.EXPLANATION),
)
async def explain(body: ExplainBody, service: CurrentService) -> dict[str, Any]:
    """What each original feature added to the probability of a recorded prediction's label.

    It is compared with rows of the holdout: `baseline`, the mean probability of the label for
    them, and all contributions add up to `probability`. The version that predicted is asked, so
    it must still be kept. Of large pictures blocks of pixels are looked at together.
    """
    row = await service.queries.read(lambda c: find_or_refuse(c, body.prediction_id))
    if row.version not in await asyncio.to_thread(service.live.artifacts.numbers):
        raise Conflict(f"Version {row.version}, which predicted this, is no longer kept.")
    observation = msgspec.json.decode(row.observation)
    answer = await service.explainer.ask(
        ExplanationRequest(row.version, row.prediction, observation)
    )
    if isinstance(answer, CannotExplain):
        raise Conflict(answer.reason)
    named = {"prediction_id": body.prediction_id, "model_version": row.version}
    return {**named, "label": row.prediction, **msgspec.to_builtins(answer)}
