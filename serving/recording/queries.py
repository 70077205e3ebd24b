"""What routes ask the store: beside the event loop, and never for long."""

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
    """The store did not answer in time, and may yet do what it was asked."""


class StoreQueries:
    """Two threads of its own: those that hang in a store may not use up what others need."""

    def __init__(self, writer: StoreWriter) -> None:
        self._writer = writer
        self._threads = ThreadPoolExecutor(THREADS, "queries")

    async def read(self, work: "Callable[[Connection], Answer]") -> Answer:
        """The result of some work in a transaction; StoreUnavailable when there is no store."""
        return await self._run(work, write=False)

    async def write(self, work: "Callable[[Connection], Answer]") -> Answer:
        """Like `read`, and MayBeRecorded when it cannot be known whether it was done."""
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
