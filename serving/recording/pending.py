"""What waits for the store; `serving/recording/writer.py` takes it and tells those who wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pipeline.store.records import Feedback, FeedbackReceipt, PredictionRow, StoreUnavailable

T_contra = TypeVar("T_contra", contravariant=True)


class ResultReceiver(Protocol[T_contra]):
    """What a future is to those who answer it."""

    def done(self) -> bool:
        """Whether nobody waits any more: gone, or answered already."""

    def set_result(self, result: T_contra, /) -> None: ...

    def set_exception(self, error: BaseException, /) -> None: ...


@dataclass(frozen=True)
class PendingPredictions:
    """Predictions of one version, and what to call in the event loop when they are safe.

    It may be called twice.
    """

    rows: list[PredictionRow]
    done: Callable[[], None]


@dataclass(frozen=True)
class PendingFeedback:
    """Feedback to be written, and who waits for its receipt."""

    feedback: Feedback
    waiter: ResultReceiver[FeedbackReceipt]


@dataclass
class CommitGroup:
    """What the writer found waiting."""

    batches: list[PendingPredictions] = field(default_factory=list)
    questions: list[PendingFeedback] = field(default_factory=list)
    stop: bool = False
    spooled: bool = False

    def add(self, item: PendingPredictions | PendingFeedback | None) -> None:
        if item is None:
            self.stop = True
        elif isinstance(item, PendingPredictions):
            self.batches.append(item)
        else:
            self.questions.append(item)

    @property
    def rows(self) -> list[PredictionRow]:
        return [row for batch in self.batches for row in batch.rows]

    def notify(self, receipts: Sequence[FeedbackReceipt] | StoreUnavailable) -> None:
        """In the event loop: let everyone go on who waited for this write."""
        for batch in self.batches:
            batch.done()
        for place, question in enumerate(self.questions):
            if question.waiter.done():
                continue
            if isinstance(receipts, StoreUnavailable):
                question.waiter.set_exception(receipts)
            else:
                question.waiter.set_result(receipts[place])
