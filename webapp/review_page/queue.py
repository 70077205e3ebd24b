"""The predictions that this visitor has been lent, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.client.records import Lent
from webapp.client.serving import Client, RequestRejected, ServingError

AT_ONCE = 10


@dataclass
class Queue:
    """Lives in Streamlit's session. `trouble` says why nothing can be shown or recorded."""

    waiting: list[Lent] = field(default_factory=list)
    strategy: str = "mixed"
    answered: int = 0
    right: int = 0
    trouble: str = ""

    def fill(self, client: Client) -> None:
        """Borrow some more when there is none left."""
        if self.waiting:
            return
        try:
            self.waiting = client.borrow(AT_ONCE, self.strategy)
            self.trouble = ""
        except ServingError as error:
            self.trouble = str(error)

    def choose(self, strategy: str) -> None:
        self.strategy, self.waiting = strategy, []

    def answer(self, client: Client, lent: Lent, target: str) -> None:
        def send() -> None:
            client.answer(lent.id, target)
            self.answered += 1
            self.right += target == lent.prediction

        self._do(lent, send)

    def skip(self, client: Client, lent: Lent) -> None:
        self._do(lent, lambda: client.skip(lent.id))

    def _do(self, lent: Lent, send: Callable[[], None]) -> None:
        """Once: the second half of a double click finds the next one in its place."""
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
