"""How routes ask the store: beside the event loop, and never for long."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pipeline.store.tables import StoreAway
from serving.service import Service

STORE_SECONDS = 3.0

Answer = TypeVar("Answer")


class MayBeRecorded(Exception):
    """The store did not answer in time, and may yet do what it was asked."""


async def in_store(service: Service, work: Callable[[Connection], Answer], write: bool) -> Answer:
    """Run some work in a transaction beside the event loop; StoreAway when there is no store.

    Threads that hang in a store may not use up those that the rest of serving needs.
    """
    if not service.writer.up:
        raise StoreAway("The store is away.")

    def transact() -> Answer:
        engine = service.engine if write else service.engine.execution_options(readonly=True)
        try:
            with engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise StoreAway(str(error)) from error

    asked = service.askers.submit(transact)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(asked), STORE_SECONDS)
    except TimeoutError:
        if write and not asked.cancelled():  # its thread has begun, and cannot be stopped
            raise MayBeRecorded from None
        raise StoreAway("The store does not answer.") from None
