"""The thread that writes to the store: all that waits goes into one transaction and one sync.

While the store is away, predictions go into the spool and feedback is refused. While a write hangs,
a second thread, the watchdog, does that, so that no request waits long.
"""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.store.records import Feedback, FeedbackReceipt, Outcome, StoreUnavailable
from serving.recording.pending import CommitGroup, PendingFeedback, PendingPredictions
from serving.recording.spool import Spool

if TYPE_CHECKING:  # `store.py` says why
    from serving.recording.store import Store

log = logging.getLogger(__name__)
RETRY_SECONDS = 0.5
PROBE_SECONDS = 1.0  # how often an idle writer asks whether the store is there
OPENING_SECONDS = 0.05  # how often the writer looks whether the store is open yet
COMMIT_TIMEOUT_SECONDS = 0.8  # how long a prediction waits for a store that hangs
FEEDBACK_TIMEOUT_SECONDS = 5.0  # how long feedback waits whose write has begun
WATCH_SECONDS = 0.2
STOP_SECONDS = 6.0


class StoreWriter:
    """Started and stopped by the service, which gives it the store once that is open."""

    store: "Store | None" = None

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._waiting: queue.SimpleQueue[PendingPredictions | PendingFeedback | None] = (
            queue.SimpleQueue()
        )
        self._retry_at = 0.0
        self._under_way = CommitGroup()
        self._commit_started: float | None = None  # None while nothing is being written
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._watch = threading.Thread(target=self._run_watchdog, name="watch", daemon=True)
        self.store_available = True  # whether the last write succeeded

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._spool.recover()
        self._thread.start()
        self._watch.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        self._thread.join(timeout=STOP_SECONDS)
        self._ended.set()
        self._watch.join(timeout=STOP_SECONDS)
        if self._spool.rows:
            log.error("The store is away; %d predictions wait in the spool", self._spool.rows)
        self._spool.close()

    @property
    def spooled(self) -> int:
        return self._spool.rows

    @property
    def spool_full(self) -> bool:
        """No further prediction can be kept until the store is back."""
        return self._spool.full

    def enqueue(self, item: PendingPredictions | PendingFeedback) -> None:
        self._waiting.put(item)

    async def write_feedback(self, feedback: Feedback) -> FeedbackReceipt:
        """Write feedback durably, or raise StoreUnavailable."""
        answer: asyncio.Future[FeedbackReceipt] = asyncio.get_running_loop().create_future()
        self.enqueue(PendingFeedback(feedback, answer))
        receipt = await answer
        if receipt.outcome is Outcome.UNKNOWN and (
            self._spool.rows or self._spool.others_pending()
        ):
            raise StoreUnavailable("The prediction may be among those that wait for the store.")
        return receipt

    def _run(self) -> None:
        stop = False
        while not stop:
            taken = self._collect()
            stop = taken.stop
            try:
                self._commit_or_spool(taken)
            except Exception:
                log.exception("The writer met an error that it did not expect and goes on")
                self._finish(taken, StoreUnavailable("The store is away."))
        if self.store is not None:
            self.store.close_log()

    def _collect(self) -> CommitGroup:
        """Wait for something to write, then take all that waits."""
        taken = CommitGroup()
        try:
            taken.add(self._waiting.get(timeout=self._idle_seconds()))
            while True:
                taken.add(self._waiting.get_nowait())
        except queue.Empty:
            return taken

    def _idle_seconds(self) -> float:
        if self.store is None:
            return OPENING_SECONDS
        if self.store_available:
            return 0.0 if self._spool.rows else PROBE_SECONDS
        return max(0.01, self._retry_at - time.monotonic())

    def _commit_or_spool(self, taken: CommitGroup) -> None:
        if self.store is None:
            self._spool_rows(taken)
            self._finish(taken, StoreUnavailable("The store is not open yet."))
            return
        if not self.store_available and time.monotonic() < self._retry_at and not taken.stop:
            self._fail_over(taken, "it was away a moment ago")
            return
        self._under_way, self._commit_started = taken, time.monotonic()
        try:
            receipts = self._write(self.store, taken)
        except StoreUnavailable as error:
            self._fail_over(taken, str(error).splitlines()[0])
            return
        finally:
            self._commit_started = None
        self._set_available(True)
        self._finish(taken, receipts)

    def _write(self, store: "Store", taken: CommitGroup) -> Sequence[FeedbackReceipt]:
        if waited := self._spool.peek():
            store.write_predictions(waited)
            self._spool.discard(waited)
        if taken.predictions:
            store.write_predictions(taken.rows)
        if not taken.feedback:
            if not taken.predictions and not waited:
                store.probe()
            return ()
        return store.write_feedback([pending.feedback for pending in taken.feedback])

    def _fail_over(self, taken: CommitGroup, reason: str) -> None:
        """Keep the predictions, refuse the feedback, try again a little later."""
        self._set_available(False, reason)
        if time.monotonic() >= self._retry_at:
            self._retry_at = time.monotonic() + RETRY_SECONDS
        self._spool_rows(taken)
        self._finish(taken, StoreUnavailable("The store is away."))

    def _spool_rows(self, taken: CommitGroup) -> None:
        if taken.predictions and not taken.spooled:
            taken.spooled = True
            self._spool.add(taken.rows)

    def _set_available(self, available: bool, reason: str = "") -> None:
        if available and not self.store_available:
            log.info("The store is back")
        if not available and self.store_available:
            log.error("The store is away; predictions are kept in the spool: %s", reason)
        self.store_available = available

    def _finish(
        self, taken: CommitGroup, receipts: Sequence[FeedbackReceipt] | StoreUnavailable
    ) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(taken.notify, receipts)

    def _run_watchdog(self) -> None:
        while not self._ended.wait(WATCH_SECONDS):
            began = self._commit_started
            if began is not None and time.monotonic() - began > COMMIT_TIMEOUT_SECONDS:
                try:
                    self._release_waiting(time.monotonic() - began)
                except Exception:
                    log.exception("The watch met an error that it did not expect and goes on")

    def _release_waiting(self, seconds: float) -> None:
        """Answer those who wait as the writer would if the store were away."""
        hanging, waiting = self._under_way, CommitGroup()
        with contextlib.suppress(queue.Empty):  # the writer may take some at the same time
            while True:
                waiting.add(self._waiting.get_nowait())
        self._set_available(False, "it does not answer")
        self._spool_rows(hanging)
        self._spool_rows(waiting)
        self._finish(waiting, StoreUnavailable("The store does not answer."))
        answered = CommitGroup(hanging.predictions)
        if seconds > FEEDBACK_TIMEOUT_SECONDS:
            answered.feedback = hanging.feedback
        self._finish(answered, StoreUnavailable("The store does not answer."))
        if waiting.stop:
            self._waiting.put(None)
