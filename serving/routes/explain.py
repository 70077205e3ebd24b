"""The route that explains a recorded prediction."""

from typing import Any

import msgspec
from fastapi import APIRouter
from sqlalchemy import Connection, select

from pipeline.store.tables import predictions
from serving.errors import Conflict, NotFound
from serving.helpers.explainer import Question, Refusal
from serving.routing.dependencies import Allowed, CurrentService
from serving.routing.strict_json import StrictJsonRoute
from serving.schemas import samples
from serving.schemas.bodies import ExplainBody, Explanation
from serving.schemas.examples import BODY, describe

router = APIRouter(tags=["predict"], route_class=StrictJsonRoute, dependencies=[Allowed("predict")])


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
    row = await service.queries.read(lambda c: _find(c, body.prediction_id))
    if row is None:
        raise NotFound("There is no such prediction on record.")
    if row.version not in service.live.artifacts.numbers():
        raise Conflict(f"Version {row.version}, which predicted this, is no longer kept.")
    observation = msgspec.json.decode(row.observation)
    answer = await service.explainer.ask(Question(row.version, row.prediction, observation))
    if isinstance(answer, Refusal):
        raise Conflict(answer.reason)
    named = {"prediction_id": body.prediction_id, "model_version": row.version}
    return {**named, "label": row.prediction, **msgspec.to_builtins(answer)}


def _find(connection: Connection, prediction_id: str) -> Any:
    if not prediction_id.isalnum() or not prediction_id.isascii():
        return None
    columns = (predictions.c.version, predictions.c.prediction, predictions.c.observation)
    query = select(*columns).where(predictions.c.id == prediction_id)
    return connection.execute(query).first()
