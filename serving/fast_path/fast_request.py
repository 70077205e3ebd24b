"""A request on the fast path: no task, no messages to and fro. Made by `protocol.py`."""

import logging
import time
from collections.abc import Callable
from typing import Any

from serving.fast_path.endpoints import Answer, FastEndpoint, fail
from serving.fast_path.head import Head
from serving.fast_path.responses import Defaults, render
from serving.telemetry.request_ids import given_request_id

log = logging.getLogger(__name__)


class FastRequest:
    """Waits for what its answer is made of, as a future would."""

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
        self.given_id: bytes | None = None  # which the client brought; known when it is answered

    def submit(self) -> bool:
        """Whether the endpoint has taken it."""
        try:
            return self.endpoint.submit(self.body, self)
        except Exception:
            log.exception("The fast path to %s failed; the route is asked", self.endpoint.path)
            return False

    def answer(self, result: Any) -> Answer | None:
        """None where the route must decide. What is asked is done by now."""
        try:
            return self.endpoint.respond(result)
        except Exception:
            log.exception("The fast path to %s failed", self.endpoint.path)
            return fail()

    def done(self) -> bool:
        return self.settled

    def set_result(self, result: Any) -> None:
        self._respond(self, result)

    def set_exception(self, _error: BaseException) -> None:
        """The route will meet the same, and knows how to say it."""
        self._fall_back(self)

    def render(self, answer: Answer, defaults: Defaults, keep_alive: bool) -> bytes:
        self.given_id = given_request_id(self.head.headers)
        request_id = self.given_id or answer.request_id
        return render(answer.status, answer.body, request_id, defaults, keep_alive)
