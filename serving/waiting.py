"""What waits for the store; `serving/writer.py` takes it and tells those who wait."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.prediction_log import PredictionRow
from pipeline.records import Feedback, Receipt
from pipeline.store import StoreAway


@dataclass(frozen=True)
class Batch:
    """Predictions of one version, and what to call in the event loop when they are safe.

    It may be called twice.
    """

    rows: list[PredictionRow]
    done: Callable[[], None]


@dataclass(frozen=True)
class Question:
    """Feedback to be written, and the future that its receipt answers."""

    feedback: Feedback
    answer: "asyncio.Future[Receipt]"


@dataclass
class Taken:
    """What the writer found waiting."""

    batches: list[Batch] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    stop: bool = False
    spooled: bool = False

    def add(self, item: Batch | Question | None) -> None:
        if item is None:
            self.stop = True
        elif isinstance(item, Batch):
            self.batches.append(item)
        else:
            self.questions.append(item)

    @property
    def rows(self) -> list[PredictionRow]:
        return [row for batch in self.batches for row in batch.rows]

    def tell(self, receipts: Sequence[Receipt] | StoreAway) -> None:
        """In the event loop: let everyone go on who waited for this write."""
        for batch in self.batches:
            batch.done()
        for place, question in enumerate(self.questions):
            if question.answer.done():  # whoever asked has gone, or was answered already
                continue
            if isinstance(receipts, StoreAway):
                question.answer.set_exception(receipts)
            else:
                question.answer.set_result(receipts[place])
