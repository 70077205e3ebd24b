"""The protocol that answers the requests in `serving/fast_path/endpoints.py` ahead of FastAPI.

It answers only where the FastAPI route would answer with 2xx, and the same. All else (another
content type, a large body, anything wrong) is handed to the application as if nothing had been:
the route stays the one definition of what is valid. The tasks and messages that this saves cost
more than to score an observation.
"""

import asyncio
import logging
import time
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from serving.fast_path.body_holding import BodyHoldingProtocol
from serving.fast_path.endpoints import fail
from serving.fast_path.fast_request import FastRequest

log = logging.getLogger(__name__)


class FastPathProtocol(BodyHoldingProtocol):
    cycle: Any  # one of uvicorn's, or a FastRequest
    _answered_at = 0.0

    def on_message_complete(self) -> None:
        self.body_is_open = False
        if self.held is None or not self._submit(bytes(self.held)):
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(msg)
        self.app.count_refusal(self.refusal[0])

    def _submit(self, body: bytes) -> bool:
        """Whether the request takes the fast path."""
        endpoint = self.app.fast.find(self.url, self.scope["headers"])
        if endpoint is None or len(body) > self.app.fast.most_bytes:
            return False
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        quick = FastRequest(
            endpoint, self.scope, self.url, body, keep_alive, self._respond, self._fall_back
        )
        try:
            asked: bool = endpoint.submit(body, quick)
        except Exception:
            log.exception("The fast path to %s failed; the route is asked", endpoint.path)
            return False
        if asked:
            self.let_go()
            self.cycle = quick
        return asked

    def _fall_back(self, quick: FastRequest) -> None:
        """Hand the request to the application after all, as uvicorn does."""
        quick.left = True
        path = quick.url.decode()
        quick.scope.update(method="POST", path=path, raw_path=quick.url, query_string=b"")
        cycle = RequestResponseCycle(
            scope=quick.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=quick.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.disconnected = self.transport.is_closing()
        cycle.body, cycle.more_body = bytearray(quick.body), False
        cycle.message_event.set()
        if self.cycle is quick:  # else another request waits for its turn already
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)

    def _respond(self, quick: FastRequest, result: Any) -> None:
        """Answer, or leave where the route must decide. What is asked is done by now."""
        try:
            answer = quick.endpoint.respond(result)
        except Exception:
            log.exception("The fast path to %s failed", quick.endpoint.path)
            answer = fail()
        if answer is None:
            self._fall_back(quick)
            return
        quick.response_complete = True
        if not self.transport.is_closing():
            self.transport.write(quick.render(answer, self.server_state.default_headers))
            if not quick.keep_alive:
                self.transport.close()
        self._go_on()
        if quick.given_id:
            self.app.fast.note_request(quick.endpoint, answer, quick.given_id)
        self.app.fast.count(quick.endpoint, answer.status, time.perf_counter() - quick.started)

    def _go_on(self) -> None:
        """A timer for each answer would cost as much as the answer: `look` finds who is idle."""
        if self.pipeline:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()

    def look(self) -> None:
        """Close after a quick answer that nothing has followed for long, not a part of a head."""
        quick = isinstance(self.cycle, FastRequest) and self.cycle.response_complete
        idle = quick and self.cycle.scope is self.scope
        if idle and self.loop.time() - self._answered_at > self.timeout_keep_alive:
            self.timeout_keep_alive_handler()
        super().look()
