"""Runs store queries in a thread with a timeout, so that routes do not block the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from pipeline.store.records import StoreUnavailable
from serving.recording.writer import StoreWriter

if TYPE_CHECKING:  # `store.py` says why
    from sqlalchemy import Connection

TIMEOUT_SECONDS = 3.0
THREADS = 2

Answer = TypeVar("Answer")


class MayBeRecorded(Exception):
    """The store did not answer in time; the write may still be done."""


class StoreQueries:
    """Has two threads of its own, so that queries that hang do not block other work."""

    def __init__(self, writer: StoreWriter) -> None:
        self._writer = writer
        self._threads = ThreadPoolExecutor(THREADS, "queries")

    async def read(self, work: "Callable[[Connection], Answer]") -> Answer:
        """The result of some work in a transaction. Raises StoreUnavailable without a store."""
        return await self._run(work, write=False)

    async def write(self, work: "Callable[[Connection], Answer]") -> Answer:
        """Like `read`. Raises MayBeRecorded if it is not known whether the write was done."""
        return await self._run(work, write=True)

    async def _run(self, work: "Callable[[Connection], Answer]", write: bool) -> Answer:
        store = self._writer.store
        if store is None or not self._writer.store_available:
            raise StoreUnavailable("The store is away.")
        asked = self._threads.submit(store.transact, work, readonly=not write)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), TIMEOUT_SECONDS)
        except TimeoutError:
            if write and not asked.cancelled():  # its thread has begun, and cannot be stopped
                raise MayBeRecorded from None
            raise StoreUnavailable("The store does not answer.") from None

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
