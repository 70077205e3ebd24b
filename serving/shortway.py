"""The protocol that answers the requests in `serving/shortcuts.py` ahead of FastAPI.

It answers only where the FastAPI route would answer with 2xx, and the same. All else (another
content type, a large body, anything wrong) is handed to the application as if nothing had been:
the route stays the one definition of what is valid. The tasks and messages that this saves cost
more than to score an observation.
"""

import asyncio
import logging
import time
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from serving.protocol import DEADLINE, Protocol
from serving.quick import QuickRequest
from serving.shortcuts import Shortcut, fail

log = logging.getLogger(__name__)


class ShortWay(Protocol):
    app: Any  # an Application
    cycle: Any  # one of uvicorn's, or a QuickRequest
    _coming: QuickRequest | None = None  # its body is not here yet
    _patience: asyncio.TimerHandle | None = None
    _answered_at = 0.0

    def on_headers_complete(self) -> None:
        shortcut = self._find_shortcut()
        if shortcut is None:
            super().on_headers_complete()
            return
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        self.cycle = self._coming = QuickRequest(
            shortcut, self.scope, self.url, keep_alive, self._settle, self._leave
        )

    def _find_shortcut(self) -> Shortcut | None:
        """None too while an earlier request of the connection is not answered."""
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        if self.parser.get_method() != b"POST" or self.parser.should_upgrade():
            return None
        if self.expect_100_continue or self.flow.write_paused:
            return None
        found: Shortcut | None = self.app.fast.find(self.url, self.headers)
        return found

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._coming is not None and self._patience is None:
            wait = self.app.fast.body_seconds
            self._patience = self.loop.call_later(wait, self._lose_patience, self._coming)

    def on_body(self, body: bytes) -> None:
        quick = self._coming
        if quick is None:
            super().on_body(body)
            return
        quick.body += body
        if len(quick.body) > HIGH_WATER_LIMIT:
            self._leave(quick)
            self.cycle.message_event.set()

    def on_message_complete(self) -> None:
        quick = self._coming
        if quick is None:
            super().on_message_complete()
            return
        self._stop_waiting()
        quick.whole = True
        try:
            asked = quick.shortcut.ask(bytes(quick.body), quick)
        except Exception:
            log.exception("The short way to %s failed; the route is asked", quick.shortcut.path)
            asked = False
        if not asked:
            self._leave(quick)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _lose_patience(self, quick: QuickRequest) -> None:
        """The boundary says to slow bodies what there is to say."""
        quick.scope["state"][DEADLINE] = self.loop.time()
        self._leave(quick)

    def _stop_waiting(self) -> None:
        self._coming = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _leave(self, quick: QuickRequest) -> None:
        """Hand the request to the application, as uvicorn does."""
        quick.left = True
        if self._coming is quick:
            self._stop_waiting()
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
        cycle.body, cycle.more_body = quick.body, not quick.whole
        if quick.whole:
            cycle.message_event.set()
        if self.cycle is quick:  # else another request waits for its turn already
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)

    def _settle(self, quick: QuickRequest, result: Any) -> None:
        """Answer, or leave where the route must decide. What is asked is done by now."""
        try:
            answer = quick.shortcut.finish(result)
        except Exception:
            log.exception("The short way to %s failed", quick.shortcut.path)
            answer = fail()
        if answer is None:
            self._leave(quick)
            return
        quick.response_complete = True
        if not self.transport.is_closing():
            whole = quick.render(answer, self.server_state.default_headers)
            self.transport.write_whole(whole)  # type: ignore[attr-defined]
            if not quick.keep_alive:
                self.transport.close()
        self._go_on()
        self.app.fast.count(quick.shortcut, answer.status, time.perf_counter() - quick.started)

    def _go_on(self) -> None:
        """A timer for each answer would cost as much as the answer: `look` finds who is idle."""
        if self.pipeline:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()

    def look(self) -> None:
        """Close after a quick answer that nothing has followed for long, not a part of a head."""
        quick = isinstance(self.cycle, QuickRequest) and self.cycle.response_complete
        idle = quick and self.cycle.scope is self.scope
        if idle and self.loop.time() - self._answered_at > self.timeout_keep_alive:
            self.timeout_keep_alive_handler()
        super().look()
