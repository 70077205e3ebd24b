"""What can be wrong with a request, the codes of it, and one body for every error."""

from collections.abc import Sequence
from typing import Any

FAILED = "Something failed here; the log of serving says what."

CODES = {
    400: "malformed",
    401: "key_missing",
    403: "key_refused",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    409: "conflict",
    413: "too_large",
    421: "foreign_name",
    431: "head_too_large",
    422: "invalid",
    429: "too_many",
    500: "internal",
    503: "unavailable",
}


class Conflict(Exception):
    """What is said contradicts what is on record."""


class NotFound(Exception):
    """There is nothing by that name."""


class Invalid(Exception):
    """A field that can be read but not used."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def describe_error(
    status: int, message: str, request_id: str, details: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The one shape of an error. It never repeats what the client sent."""
    error = {
        "code": CODES.get(status, "error"),
        "message": message,
        "request_id": request_id,
        "details": [{"field": field, "reason": reason} for field, reason in details],
    }
    return {"error": error}
