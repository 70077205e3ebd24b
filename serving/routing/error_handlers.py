"""Which exception becomes which status, in the one shape of `serving/errors.py`."""

import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pipeline.data.observation import InvalidObservation
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.store.records import StoreUnavailable
from serving.errors import FAILED, Conflict, Invalid, NotFound, describe_error
from serving.helpers.explainer import ExplainQueueFull, ExplainTimeout
from serving.helpers.media import MediaBusy, MediaNotInstalled
from serving.keys import NoKey, WrongKey
from serving.recording.queries import MayBeRecorded
from serving.scoring.batcher import SpoolFull
from serving.service import NoModel

RETRY_SECONDS = "2"

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    NoKey: (401, "This needs a key: send Authorization: Bearer <key>."),
    WrongKey: (403, "The key does not open this."),
    NotFound: (404, ""),
    Conflict: (409, ""),
    UntrustedArtifact: (409, ""),
    ObjectsUnavailable: (503, "The bucket that holds the versions is away. Ask again later."),
    ExplainQueueFull: (429, "As many explanations as may wait do wait already. Ask again later."),
    MediaBusy: (503, "Many files wait to be read. Send it again later."),
    MediaNotInstalled: (503, "Sounds and films cannot be read here: PyAV is not installed."),
    ExplainTimeout: (503, "The explanation was not done in time. Ask again later."),
    NoModel: (503, "No model is live yet; run scripts/train.py."),
    SpoolFull: (503, "The store is away for too long to keep further predictions."),
    MayBeRecorded: (
        503,
        "The store did not answer in time; it may yet do this. Look before you send it again.",
    ),
    StoreUnavailable: (503, "The store is away; nothing was recorded. Send it again later."),
}


def respond(
    request: Request, status: int, message: str, details: Sequence[tuple[str, str]] = ()
) -> JSONResponse:
    request_id = str(request.scope.get("state", {}).get("request_id", ""))
    headers = {}
    if status in (429, 503):
        headers["retry-after"] = RETRY_SECONDS
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(describe_error(status, message, request_id, details), status, headers)


async def on_known(request: Request, error: Exception) -> JSONResponse:
    status, message = next(ANSWERS[kind] for kind in ANSWERS if isinstance(error, kind))
    return respond(request, status, message or str(error))


async def on_observation(request: Request, error: Any) -> JSONResponse:
    return respond(request, 422, f"{error.field}: {error.reason}.", [(error.field, error.reason)])


async def on_validation(request: Request, error: Any) -> JSONResponse:
    """FastAPI's own findings, without the input that it would echo."""
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return respond(request, 400, "The body is not valid JSON.")
    details = [(_place(problem), _reason(problem)) for problem in problems[:20]]
    field, reason = details[0]
    return respond(request, 422, f"{field}: {reason}.", details)


def _place(problem: dict[str, Any]) -> str:
    """Where the problem is: the names that our models know, never one that the client made up."""
    loc = problem["loc"][:-1] if problem["type"] == "extra_forbidden" else problem["loc"]
    parts = [str(part) for part in loc if not isinstance(part, str) or part.isidentifier()]
    return ".".join(parts[:4]) or "body"


def _reason(problem: dict[str, Any]) -> str:
    if problem["type"] == "extra_forbidden":
        return "holds a name that has no meaning here; /docs has those that do"
    if problem["loc"] == ("body",) and problem["type"].endswith("_attributes_type"):
        return "a JSON object is expected, sent with Content-Type: application/json"
    return re.sub(r"^Value error, ", "", str(problem["msg"]))


async def on_http(request: Request, error: Any) -> JSONResponse:
    nowhere = error.status_code == 404 and "route" not in request.scope
    message = "There is nothing at this path; /docs has those that there are."
    answer = respond(request, error.status_code, message if nowhere else str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def on_unexpected(request: Request, _error: Exception) -> JSONResponse:
    """Starlette raises it once more, and uvicorn logs it."""
    return respond(request, 500, FAILED)


def add_error_handlers(app: FastAPI) -> None:
    for kind in ANSWERS:
        app.add_exception_handler(kind, on_known)
    app.add_exception_handler(InvalidObservation, on_observation)
    app.add_exception_handler(Invalid, on_observation)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_unexpected)
