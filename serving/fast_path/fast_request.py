"""A request on the fast path, without asyncio task or ASGI messages. Made by `protocol.py`."""

import logging
import time
from collections.abc import Callable
from typing import Any

from serving.fast_path.endpoints import Answer, FastEndpoint, answer_failure
from serving.fast_path.head import Head
from serving.fast_path.responses import Defaults, render
from serving.telemetry.request_ids import given_request_id

log = logging.getLogger(__name__)


class FastRequest:
    """Receives the result of its endpoint, as a future would, and has it answered."""

    def __init__(
        self,
        endpoint: FastEndpoint,
        head: Head,
        body: bytes,
        respond: Callable[["FastRequest", Any], None],
        fall_back: Callable[["FastRequest"], None],
    ) -> None:
        self.endpoint = endpoint
        self.head = head
        self.body = body
        self._respond = respond
        self._fall_back = fall_back
        self.settled = False
        self.started = time.perf_counter()
        self.given_id: bytes | None = None  # sent by the client; read when the answer is rendered

    def submit(self) -> bool:
        """Returns True if the endpoint took the request."""
        try:
            return self.endpoint.submit(self.body, self)
        except Exception:
            log.exception("The fast path to %s failed; the route is asked", self.endpoint.path)
            return False

    def answer(self, result: Any) -> Answer | None:
        """Build the answer. Returns None if the FastAPI route has to handle the request.

        The work itself is done by now, so an exception must not make the route repeat it.
        """
        try:
            return self.endpoint.respond(result)
        except Exception:
            log.exception("The fast path to %s failed", self.endpoint.path)
            return answer_failure()

    def done(self) -> bool:
        return self.settled

    def set_result(self, result: Any) -> None:
        self._respond(self, result)

    def set_exception(self, _error: BaseException) -> None:
        """Leave it to the route, which meets the same error and has an answer for it."""
        self._fall_back(self)

    def render(self, answer: Answer, defaults: Defaults, keep_alive: bool) -> bytes:
        self.given_id = given_request_id(self.head.headers)
        request_id = self.given_id or answer.request_id
        return render(answer.status, answer.body, request_id, defaults, keep_alive)
