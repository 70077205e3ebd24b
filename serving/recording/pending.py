"""Predictions and feedback that wait to be written by `serving/recording/writer.py`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pipeline.store.records import Feedback, FeedbackReceipt, PredictionRow, StoreUnavailable

T_contra = TypeVar("T_contra", contravariant=True)


class ResultReceiver(Protocol[T_contra]):
    """The part of a future that the writer calls."""

    def done(self) -> bool:
        """True if the client disconnected or was already answered."""

    def set_result(self, result: T_contra, /) -> None: ...

    def set_exception(self, error: BaseException, /) -> None: ...


@dataclass(frozen=True)
class PendingPredictions:
    """Predictions of one version; `done` is called in the event loop when they are durable.

    `done` may be called twice.
    """

    rows: list[PredictionRow]
    done: Callable[[], None]


@dataclass(frozen=True)
class PendingFeedback:
    """Feedback to be written; the waiter gets its receipt."""

    feedback: Feedback
    waiter: ResultReceiver[FeedbackReceipt]


@dataclass
class CommitGroup:
    """All that is written in one transaction."""

    predictions: list[PendingPredictions] = field(default_factory=list)
    feedback: list[PendingFeedback] = field(default_factory=list)
    stop: bool = False
    spooled: bool = False

    def add(self, item: PendingPredictions | PendingFeedback | None) -> None:
        if item is None:
            self.stop = True
        elif isinstance(item, PendingPredictions):
            self.predictions.append(item)
        else:
            self.feedback.append(item)

    @property
    def rows(self) -> list[PredictionRow]:
        return [row for batch in self.predictions for row in batch.rows]

    def notify(self, receipts: Sequence[FeedbackReceipt] | StoreUnavailable) -> None:
        """Wake every request waiting for this commit. Called in the event loop."""
        for batch in self.predictions:
            batch.done()
        for place, pending in enumerate(self.feedback):
            if pending.waiter.done():
                continue
            if isinstance(receipts, StoreUnavailable):
                pending.waiter.set_exception(receipts)
            else:
                pending.waiter.set_result(receipts[place])
