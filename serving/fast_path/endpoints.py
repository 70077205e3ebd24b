"""The endpoints of the fast path: `POST /predict` and `POST /feedback`.

Each decodes its body with msgspec, and leaves what is not certainly valid to the FastAPI route.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, Protocol

import msgspec

from pipeline.data.observation import InvalidObservation
from pipeline.store.records import Feedback, FeedbackReceipt, Outcome, is_prediction_id
from serving.errors import FAILED, Invalid, describe_error
from serving.keys import Scope
from serving.recording.pending import PendingFeedback, ResultReceiver
from serving.schemas.receipts import FEEDBACK_ID, LONGEST_LABEL, acknowledge
from serving.scoring.batcher import SpoolFull, observe
from serving.scoring.labels import read_label
from serving.scoring.live_model import LiveModel
from serving.service import Service
from serving.telemetry.request_ids import new_request_id

PREDICTION_ID = slice(18, 50)  # its place in the answer {"prediction_id":"..."
NOT_PLAIN = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    RecursionError,
    InvalidObservation,
    Invalid,
)


class Answer(NamedTuple):
    status: int
    body: bytes
    request_id: bytes  # used if the client sent none


def answer_failure() -> Answer:
    """The answer to an unexpected exception."""
    request_id = new_request_id()
    return Answer(
        500, msgspec.json.encode(describe_error(500, FAILED, request_id)), request_id.encode()
    )


class FastEndpoint(Protocol):
    """One route that the fast path can answer."""

    path: str
    required_scope: Scope
    statuses: Sequence[int]
    names_prediction: bool  # the request id of an answer is the id of its prediction

    def submit(self, content: bytes, waiter: ResultReceiver[Any]) -> bool:
        """Submit the request. Returns False if the FastAPI route has to handle it."""

    def respond(self, result: Any) -> Answer | None:
        """Answer with the result. Returns None if the FastAPI route has to handle it."""


class PredictBody(msgspec.Struct, forbid_unknown_fields=True):
    features: msgspec.Raw


class PredictEndpoint:
    path = "/predict"
    required_scope: Scope = "predict"
    statuses: Sequence[int] = (200,)
    names_prediction = True

    def __init__(self, service: Service) -> None:
        self._service = service
        self._decode = msgspec.json.Decoder(PredictBody).decode

    def submit(self, content: bytes, waiter: ResultReceiver[bytes]) -> bool:
        model = self._service.live.model
        if model is None:
            return False
        try:
            row, observation = model.decoder.decode(self._decode(content).features)
            self._service.predictor.submit(model, row, observation, waiter)
        except (*NOT_PLAIN, SpoolFull):
            return False
        return True

    def respond(self, body: bytes) -> Answer:
        return Answer(200, body, body[PREDICTION_ID])


Label = Annotated[str, msgspec.Meta(max_length=LONGEST_LABEL)] | bool | int | float


class FeedbackBody(msgspec.Struct, forbid_unknown_fields=True):
    target: Label
    prediction_id: str | msgspec.UnsetType = msgspec.UNSET
    features: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    prediction: Label | msgspec.UnsetType = msgspec.UNSET
    feedback_id: str | None = None


class FeedbackEndpoint:
    path = "/feedback"
    required_scope: Scope = "feedback"
    statuses: Sequence[int] = (200, 201)
    names_prediction = False

    def __init__(self, service: Service) -> None:
        self._service = service
        self._decode = msgspec.json.Decoder(FeedbackBody).decode
        self._is_feedback_id = re.compile(FEEDBACK_ID).fullmatch

    def submit(self, content: bytes, waiter: ResultReceiver[FeedbackReceipt]) -> bool:
        model = self._service.live.model
        if model is None or self._service.writer.store is None:  # the routes wait until it is open
            return False
        try:
            feedback = self._read(self._decode(content), model)
        except NOT_PLAIN:
            return False
        if feedback is None:
            return False
        self._service.writer.enqueue(PendingFeedback(feedback, waiter))
        return True

    def respond(self, receipt: FeedbackReceipt) -> Answer | None:
        """None if nothing was recorded: the route submits it again and explains the refusal."""
        if receipt.outcome in (Outcome.UNKNOWN, Outcome.CONFLICT):
            return None
        self._service.metrics.feedback.labels(receipt.outcome.value).inc()
        body = msgspec.json.encode(acknowledge(receipt, self._service.settings.retraining.every))
        status = 200 if receipt.outcome is Outcome.REPLAYED else 201
        return Answer(status, body, new_request_id().encode())

    def _read(self, body: FeedbackBody, model: LiveModel) -> Feedback | None:
        """None unless the body has one of the two valid forms, and valid ids."""
        feedback_id, prediction_id = body.feedback_id, body.prediction_id
        if feedback_id is not None and not self._is_feedback_id(feedback_id):
            return None
        target = read_label(model.schema, "target", body.target)
        if body.features is msgspec.UNSET and body.prediction is msgspec.UNSET:
            if prediction_id is msgspec.UNSET or not is_prediction_id(prediction_id):
                return None
            return Feedback(target, prediction_id=prediction_id, feedback_id=feedback_id)
        if body.features is msgspec.UNSET or body.prediction is msgspec.UNSET:
            return None
        if prediction_id is not msgspec.UNSET:
            return None
        prediction = read_label(model.schema, "prediction", body.prediction)
        row, observation = model.decoder.decode(body.features)
        observed = observe(model, row, observation, prediction)
        return Feedback(target, observed=observed, feedback_id=feedback_id)
