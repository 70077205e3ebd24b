"""What tells one request from another: in answers, errors and logs."""

import random
import re
from collections.abc import Iterable

from starlette.types import Scope

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def given_request_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The client's own, if it is sane."""
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return bytes(value)
    return None


def find_request_id(scope: Scope) -> str:
    given = given_request_id(scope["headers"])
    return given.decode() if given else new_request_id()


def new_request_id() -> str:
    """It is no secret, and asking the system for chance gives up the interpreter for a turn."""
    return f"{random.getrandbits(64):016x}"  # nosec B311
