"""The route that takes true answers."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from pipeline.history.subjects import latest_of
from pipeline.store.records import Feedback, Outcome, is_prediction_id
from serving.errors import Conflict, Invalid, NotFound
from serving.helpers.media import Budget
from serving.keys import key_of
from serving.routing.dependencies import CurrentService
from serving.routing.strict_json import strict_route
from serving.schemas import samples
from serving.schemas.bodies import FeedbackAnswer, FeedbackBody
from serving.schemas.examples import BODY, describe
from serving.schemas.receipts import acknowledge
from serving.scoring.batcher import observe
from serving.scoring.labels import read_label
from serving.scoring.live_model import LiveModel
from serving.scoring.observations import read_observation

router = APIRouter(tags=["feedback"], route_class=strict_route("feedback"))


@router.post(
    "/feedback",
    status_code=201,
    response_model=FeedbackAnswer,
    responses={
        **describe(401, 403, 404, 409, *BODY, answer=samples.RECEIPT, status=201),
        **describe(answer=samples.RECEIPT),
    },
)
async def give_feedback(
    body: FeedbackBody, service: CurrentService, request: Request, response: Response
) -> dict[str, Any]:
    """Say what a prediction should have been. A 2xx means that it is recorded for good.

    An earlier target is replaced with `"correct": true` only; what it was is kept.
    """
    if (subject := body.subject) is not None:
        body.prediction_id = await service.queries.read(lambda c: latest_of(c, subject))
        if body.prediction_id is None:
            raise NotFound("Not recorded: no prediction on record is about this subject.")
    feedback = await _read(body, service.model, Budget(service.media))
    if body.correct:
        feedback = replace(feedback, corrected_by=service.keys.name_of(key_of(request.headers)))
    receipt = await service.writer.write_feedback(feedback)
    service.metrics.feedback.labels(receipt.outcome.value).inc()
    if receipt.outcome is Outcome.UNKNOWN:
        raise NotFound(f"Not recorded: {receipt.reason}.")
    if receipt.outcome is Outcome.CONFLICT:
        raise Conflict(f"Not recorded: {receipt.reason}.")
    if receipt.outcome in (Outcome.REPLAYED, Outcome.CORRECTED):
        response.status_code = 200
    return acknowledge(receipt, service.settings.retraining.every)


async def _read(body: FeedbackBody, model: LiveModel, media: Budget) -> Feedback:
    target = read_label(model.schema, "target", body.target)
    if body.prediction_id is not None:
        if not is_prediction_id(body.prediction_id):
            raise NotFound("Not recorded: no such prediction is on record.")
        return Feedback(target, prediction_id=body.prediction_id, feedback_id=body.feedback_id)
    if body.prediction is None:
        raise Invalid("prediction", "is missing")
    prediction = read_label(model.schema, "prediction", body.prediction)
    read = await read_observation(model, body.features, body.file, media)
    observed = observe(model, read.row, read.observation, prediction)
    return Feedback(target, observed=observed, feedback_id=body.feedback_id)
