"""What OpenAPI shows beside each route: an example of its answer, and the errors it may give."""

from typing import Any

from serving.errors import describe_error
from serving.schemas.bodies import Error

BODY = (400, 408, 413, 422, 503)  # of every route that reads a body
MEANINGS = {
    400: "The body is not JSON, or not what its Content-Type says.",
    401: "A key is needed: Authorization: Bearer <key>.",
    403: "The key does not open this.",
    404: "There is nothing by that name.",
    408: "The body did not arrive in time.",
    409: "It contradicts what is on record, or the version is refused.",
    413: "The body is too large.",
    422: "A field cannot be used; details name it, what is wrong and what is allowed.",
    429: "Too many wait for an explanation already: try again after Retry-After seconds.",
    503: "No model is live yet, or store or bucket are away: try again after Retry-After seconds.",
}
DETAILS = {422: [("features", "29 values given, 30 expected")]}


def describe(
    *statuses: int, answer: Any = None, status: int = 200, kind: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """The answer of a route and its errors, each with an example."""
    described: dict[int | str, dict[str, Any]] = {each: _error(each) for each in statuses}
    if answer is not None:
        described[status] = {"content": {kind: {"example": answer}}}
    return described


def _error(status: int) -> dict[str, Any]:
    meaning = MEANINGS[status]
    example = describe_error(status, meaning, "5f0c21d4a9b7e386", DETAILS.get(status, ()))
    content = {"application/json": {"example": example}}
    return {"model": Error, "description": meaning, "content": content}
