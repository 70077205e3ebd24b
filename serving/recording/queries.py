"""What routes ask the store: beside the event loop, and never for long."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.store.database import StoreUnavailable
from serving.recording.writer import StoreWriter

TIMEOUT_SECONDS = 3.0
THREADS = 2

Answer = TypeVar("Answer")


class MayBeRecorded(Exception):
    """The store did not answer in time, and may yet do what it was asked."""


class StoreQueries:
    """Two threads of its own: those that hang in a store may not use up what others need."""

    def __init__(self, engine: Engine, writer: StoreWriter) -> None:
        self._engine = engine
        self._writer = writer
        self._threads = ThreadPoolExecutor(THREADS, "queries")

    async def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """The result of some work in a transaction; StoreUnavailable when there is no store."""
        return await self._run(work, self._engine.execution_options(readonly=True), write=False)

    async def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Like `read`, and MayBeRecorded when it cannot be known whether it was done."""
        return await self._run(work, self._engine, write=True)

    async def _run(
        self, work: Callable[[Connection], Answer], engine: Engine, write: bool
    ) -> Answer:
        if not self._writer.store_available:
            raise StoreUnavailable("The store is away.")

        def transact() -> Answer:
            try:
                with engine.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                raise StoreUnavailable(str(error)) from error

        asked = self._threads.submit(transact)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), TIMEOUT_SECONDS)
        except TimeoutError:
            if write and not asked.cancelled():  # its thread has begun, and cannot be stopped
                raise MayBeRecorded from None
            raise StoreUnavailable("The store does not answer.") from None

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
