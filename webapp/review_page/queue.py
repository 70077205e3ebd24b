"""The predictions that are lent to this visitor, and how many were labelled."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.client.records import Lent
from webapp.client.serving import Client, RequestRejected, ServingError
from webapp.review_page.leases import release_abandoned

AT_ONCE = 10


@dataclass
class Queue:
    """Is kept in Streamlit's session. `trouble` says why nothing can be shown or recorded.

    Keys may be pressed so fast that Streamlit handles two at once, so each call holds the `lock`.
    """

    waiting: list[Lent] = field(default_factory=list)
    strategy: str = "mixed"
    answered: int = 0
    right: int = 0
    trouble: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def fill(self, client: Client) -> None:
        """Borrow more predictions when no valid loan is left."""
        with self.lock:
            self.waiting = _still_lent(self.waiting)
            if self.waiting:
                return
            release_abandoned(client, self)
            try:
                self.waiting = client.borrow(AT_ONCE, self.strategy)
                self.trouble = ""
            except ServingError as error:
                self.trouble = str(error)

    def choose(self, client: Client, strategy: str) -> None:
        """Change the order. Loans are given back, for they may come first in the new order."""
        with self.lock:
            if strategy != self.strategy:
                self.release(client)
                self.strategy, self.waiting = strategy, []

    def release(self, client: Client) -> None:
        with contextlib.suppress(ServingError):  # then the loan ends by itself
            for lent in _still_lent(self.waiting):
                client.release(lent.id)

    def answer(self, client: Client, lent: Lent, target: str) -> None:
        def send() -> None:
            client.answer(lent.id, target)
            self.answered += 1
            self.right += target == lent.prediction

        self._do(lent, send)

    def skip(self, client: Client, lent: Lent) -> None:
        self._do(lent, lambda: client.skip(lent.id))

    def _do(self, lent: Lent, send: Callable[[], None]) -> None:
        """Do it once: after a double click the second run finds the next prediction first."""
        with self.lock:
            if lent not in self.waiting:
                return
            try:
                send()
            except ServingError as error:
                self.trouble = str(error)
                if not isinstance(error, RequestRejected):  # it may work the next time
                    return
            else:
                self.trouble = ""
            self.waiting.remove(lent)


def _still_lent(waiting: list[Lent]) -> list[Lent]:
    now = time.time()
    return [lent for lent in waiting if lent.until > now]
