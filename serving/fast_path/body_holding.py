"""Begins a request when its body is here, so that a slow one costs its connection and no more.

uvicorn begins at the head: four hundred heads are four hundred tasks at once, each goes through all
of FastAPI to wait for its body, and everybody else waits behind them. What is larger than 64 kB, or
has kept us waiting too long, begins with what is here: the application says what there is to say.
"""

import asyncio

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from serving.fast_path.hardened_protocol import HardenedProtocol
from serving.middleware.body_limit import DEADLINE

APART_SECONDS = 0.001  # so far apart patience is lost, though many came at once


class Patience:
    """Until when to wait for each body; one for all connections."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._latest = 0.0

    def end(self, now: float) -> float:
        self._latest = max(now + self.seconds, self._latest + APART_SECONDS)
        return self._latest


class BodyHoldingProtocol(HardenedProtocol):
    held: bytearray | None = None  # the body of a request that has not begun
    _timer: asyncio.TimerHandle | None = None  # none for a body that comes with its head

    def on_headers_complete(self) -> None:
        self.close_head()
        if self._may_hold():
            self.held = bytearray()
        else:
            super().on_headers_complete()

    def _may_hold(self) -> bool:
        """Not while an earlier request of the connection is not answered."""
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        if self.parser.get_method() != b"POST":
            return False
        return not self.expect_100_continue and not self.flow.write_paused

    def has_head(self) -> bool:
        return self.held is not None or super().has_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.held is not None and self._timer is None:
            end = self.app.patience.end(self.loop.time())
            self.scope["state"][DEADLINE] = end
            self._timer = self.loop.call_at(end, self._begin_early)

    def on_body(self, body: bytes | bytearray) -> None:
        if self.held is None:
            super().on_body(body)
            return
        self.held += body
        if len(self.held) > HIGH_WATER_LIMIT:
            self._begin()

    def on_message_complete(self) -> None:
        if self.held is not None:
            self._begin()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self.let_go()
        super().connection_lost(exc)

    def let_go(self) -> None:
        """The request has begun, or nobody waits for its answer."""
        self.held = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        held = self.held or b""
        self.let_go()
        super().on_headers_complete()
        super().on_body(held)

    def _begin_early(self) -> None:
        """Outside the parser, which takes all that fails within it for a request that is none."""
        try:
            self._begin()
        except (httptools.HttpParserError, AttributeError):
            self.send_400_response("Invalid HTTP request received.")

    def shut_down_after(self, looks: int) -> None:
        if self.held is not None:
            self._begin_early()
        super().shut_down_after(looks)
