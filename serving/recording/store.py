"""The open store of a worker, as the writer and the routes use it.

This module and `maintenance.py` import SQLAlchemy, which takes a quarter of a cold start, so
`serving/service.py` imports them in a thread. Until then predictions wait in the spool, as they do
while the store is away.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pipeline.settings import Settings
from pipeline.store.database import open_store
from pipeline.store.feedback_log import write_feedback
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import Feedback, FeedbackReceipt, PredictionRow, StoreUnavailable
from serving.recording.maintenance import StoreMaintenance
from serving.telemetry.error_count import ErrorCount
from serving.telemetry.request_id_log import RequestIdLog

Answer = TypeVar("Answer")


class Store:
    """Raises StoreUnavailable in place of any error of SQLAlchemy."""

    def __init__(self, settings: Settings, errors: ErrorCount, request_ids: RequestIdLog) -> None:
        self.engine = open_store(settings.store)
        self._every = settings.retraining.every
        self._log = PredictionWriter(self.engine)
        self._maintenance = StoreMaintenance(self.engine, settings, errors, request_ids)
        self._maintenance.start()

    def write_predictions(self, rows: Sequence[PredictionRow]) -> None:
        self._log.write(rows)

    def probe(self) -> None:
        self._log.probe()

    def write_feedback(self, given: Sequence[Feedback]) -> list[FeedbackReceipt]:
        return self.transact(lambda c: write_feedback(c, given, self._every), readonly=False)

    def transact(self, work: Callable[[Connection], Answer], readonly: bool) -> Answer:
        """The result of some work in a transaction."""
        engine = self.engine.execution_options(readonly=True) if readonly else self.engine
        try:
            with engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise StoreUnavailable(str(error)) from error

    def close_log(self) -> None:
        """Called by the thread that wrote predictions."""
        self._log.close()

    def close(self) -> None:
        self._maintenance.stop()
        self.engine.dispose()
