"""The predictions on record: written many at a time, pruned when they are old."""

import contextlib
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.store.records import PredictionRow, StoreUnavailable, first_id
from pipeline.store.tables import feedback, predictions, previews, request_ids, reviews, subjects

PREDICTION_COLUMNS = (
    "id",
    "at",
    "version",
    "embedding_id",
    "observation",
    "vector",
    "pca_residual",
    "prediction",
    "probabilities",
)
STATEMENT_ROWS = 500


class PredictionWriter:
    """Writes predictions, many in one statement, on a connection of its own.

    One statement is one transaction and one sync, and gives up the interpreter lock once: with a
    statement for each row a writer beside a busy event loop spends its time waiting for that lock.
    Rows that are there already are left alone, so a write may be repeated.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        mark = "?" if engine.dialect.paramstyle == "qmark" else "%s"
        self._values = f"({', '.join([mark] * len(PREDICTION_COLUMNS))})"
        names = ", ".join(PREDICTION_COLUMNS)
        self._head = f"INSERT INTO predictions ({names}) VALUES "  # noqa: S608  # our own names  # nosec B608

    def write(self, rows: Sequence[PredictionRow]) -> None:
        try:
            cursor = self._open().cursor()
            for start in range(0, len(rows), STATEMENT_ROWS):
                part = rows[start : start + STATEMENT_ROWS]
                values = ",".join([self._values] * len(part))
                sql = f"{self._head}{values} ON CONFLICT (id) DO NOTHING"
                cursor.execute(sql, list(chain.from_iterable(part)))
        except Exception as error:
            self.close()
            raise StoreUnavailable(str(error)) from error

    def probe(self) -> None:
        """Ask the store for a row, or raise StoreUnavailable."""
        try:
            self._open().cursor().execute("SELECT value FROM state LIMIT 1").fetchall()
        except Exception as error:
            self.close()
            raise StoreUnavailable(str(error)) from error

    def _open(self) -> Any:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
            if self._engine.dialect.name == "postgresql":
                self._connection.driver_connection.autocommit = True
            self._connection.detach()  # nobody else may get one that commits by itself
        return self._connection

    def close(self) -> None:
        """Let go of a connection that may be broken; the next write opens another."""
        if self._connection is not None:
            with contextlib.suppress(Exception):  # a broken one may not even close
                self._connection.close()
            self._connection = None


def prune_predictions(connection: Connection, before: float, most: int) -> int:
    """Forget some old predictions that nobody gave feedback on; few, for writers wait meanwhile."""
    answered = select(feedback.c.prediction_id).where(feedback.c.prediction_id == predictions.c.id)
    first = first_id(before)
    connection.execute(delete(reviews).where(reviews.c.prediction_id < first))
    old = select(predictions.c.id).where(predictions.c.id < first, ~answered.exists())
    ids = list(connection.scalars(old.limit(most)))
    for table in (subjects, request_ids, previews):
        connection.execute(delete(table).where(table.c.prediction_id.in_(ids)))
    return connection.execute(delete(predictions).where(predictions.c.id.in_(ids))).rowcount


def note_request_ids(connection: Connection, request_of: Mapping[str, str]) -> None:
    """Under which request each prediction was asked for; what is known already stays."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"prediction_id": number, "request_id": said} for number, said in request_of.items()]
    connection.execute(dialect.insert(request_ids).on_conflict_do_nothing(), rows)
