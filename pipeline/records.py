"""What is on record: predictions, feedback, and the requests to retrain that feedback makes."""

import contextlib
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, delete, insert, or_, select, update

from pipeline.embedding import Numbers
from pipeline.store import StoreAway, feedback, predictions, retrainings, state

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
PredictionRow = tuple[str, float, str, str, bytes, bytes, float, str, bytes]


def embedding_of(row: PredictionRow) -> str:
    return row[3]


def new_ids(at: float, count: int) -> list[str]:
    """Ids sort by time, so that an index grows at its end, and cannot be guessed."""
    moment, chance = f"{int(at * 1000):012x}", secrets.token_hex(10 * count)
    return [moment + chance[start : start + 20] for start in range(0, 20 * count, 20)]


class PredictionLog:
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
        self._head = f"INSERT INTO predictions ({names}) VALUES "  # noqa: S608  # our own names

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
            raise StoreAway(str(error)) from error

    def probe(self) -> None:
        """Ask the store for a row, or raise StoreAway."""
        try:
            self._open().cursor().execute("SELECT value FROM state LIMIT 1").fetchall()
        except Exception as error:
            self.close()
            raise StoreAway(str(error)) from error

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
    first_id = f"{int(before * 1000):012x}"  # ids begin with their time, and have an index
    old = select(predictions.c.id).where(predictions.c.id < first_id, ~answered.exists())
    chosen = delete(predictions).where(predictions.c.id.in_(old.limit(most)))
    return connection.execute(chosen).rowcount


@dataclass(frozen=True)
class Observed:
    """What the course's form of feedback brings along in place of a prediction on record."""

    observation: bytes
    vector: bytes
    pca_residual: float
    embedding_id: str
    prediction: str


@dataclass(frozen=True)
class Feedback:
    """The true target of a prediction on record, or of an observation that comes with it."""

    target: str
    prediction_id: str | None = None
    observed: Observed | None = None
    feedback_id: str | None = None


class Outcome(Enum):
    RECORDED = "recorded"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Receipt:
    """What became of a feedback, and how many rows there are now."""

    outcome: Outcome
    feedback_id: str
    rows: int
    queued: bool = False
    reason: str = ""


def write_feedback(connection: Connection, given: Sequence[Feedback], every: int) -> list[Receipt]:
    """Write feedback exactly once, and with it the retrainings that become due.

    The row that counts the feedback is locked first, so writers take turns: `seq` has no gaps
    and the k-th row is known for certain.
    """
    rows = lock_feedback(connection)
    known = _Known(connection, given)
    written, receipts = [], []
    for one in given:
        receipt = known.settle(one, rows + 1)
        if receipt.outcome is Outcome.RECORDED:
            rows += 1
            written.append(known.take(one, receipt))
            queued = rows % every == 0
            receipt = Receipt(receipt.outcome, receipt.feedback_id, rows, queued)
        receipts.append(receipt)
    if written:
        connection.execute(insert(feedback), written)
        _set_rows(connection, rows)
        _queue_due(connection, every, rows - len(written), rows)
    return receipts


def lock_feedback(connection: Connection) -> int:
    """Let nobody else write feedback before this transaction ends; returns how much there is."""
    statement = (
        update(state)
        .where(state.c.name == "feedback_rows")
        .values(value=state.c.value)
        .returning(state.c.value)
    )
    return int(connection.execute(statement).scalar_one())


def _set_rows(connection: Connection, rows: int) -> None:
    where = state.c.name == "feedback_rows"
    connection.execute(update(state).where(where).values(value=rows))


def count_feedback(connection: Connection) -> int:
    query = select(state.c.value).where(state.c.name == "feedback_rows")
    return int(connection.scalar(query) or 0)


def _queue_due(connection: Connection, every: int, before: int, after: int) -> None:
    for bucket in range(before // every + 1, after // every + 1):
        here = (retrainings.c.every == every) & (retrainings.c.bucket == bucket)
        if connection.scalar(select(retrainings.c.id).where(here)) is None:
            request_retraining(connection, f"every {every} rows", every=every, bucket=bucket)


def request_retraining(
    connection: Connection,
    trigger: str,
    *,
    every: int | None = None,
    bucket: int | None = None,
    request_key: str | None = None,
) -> int:
    """Put a retraining into the queue; what tells it apart from others must be unique."""
    now = time.time()
    statement = insert(retrainings).values(
        every=every,
        bucket=bucket,
        request_key=request_key,
        trigger=trigger,
        state="queued",
        progress=0.0,
        attempts=0,
        requested_at=now,
        not_before=now,
    )
    return int(connection.execute(statement.returning(retrainings.c.id)).scalar_one())


class _Known:
    """What the store already holds about some feedback, and about that given just before."""

    def __init__(self, connection: Connection, given: Sequence[Feedback]) -> None:
        wanted = {one.prediction_id for one in given if one.prediction_id}
        ids = {one.feedback_id for one in given if one.feedback_id}
        self.predictions = {row.id: row for row in _find_predictions(connection, wanted)}
        self.by_id: dict[str, Any] = {}
        self.by_prediction: dict[str, Any] = {}
        for row in _find_feedback(connection, ids, wanted):
            self._remember(row._mapping)

    def _remember(self, row: Any) -> None:
        self.by_id[row["id"]] = row
        if row["prediction_id"]:
            self.by_prediction[row["prediction_id"]] = row

    def settle(self, one: Feedback, rows: int) -> Receipt:
        """Whether this is new, said before, in contradiction, or about nothing we know."""
        before = self.by_id.get(one.feedback_id or "")
        if before is not None:
            return _compare(one, before, rows - 1, "this feedback_id came with other content")
        before = self.by_prediction.get(one.prediction_id or "")
        if before is not None:
            return _compare(one, before, rows - 1, "this prediction already has another target")
        if one.observed is None and one.prediction_id not in self.predictions:
            return Receipt(Outcome.UNKNOWN, "", rows - 1, reason="no such prediction is on record")
        return Receipt(Outcome.RECORDED, one.feedback_id or new_ids(time.time(), 1)[0], rows)

    def take(self, one: Feedback, receipt: Receipt) -> dict[str, Any]:
        """The row to write for new feedback."""
        row = {
            "seq": receipt.rows,
            "id": receipt.feedback_id,
            "prediction_id": one.prediction_id,
            "at": time.time(),
            "target": one.target,
            **self._predicted(one),
        }
        self._remember(row)
        return row

    def _predicted(self, one: Feedback) -> dict[str, Any]:
        names = ("version", "embedding_id", "vector", "pca_residual", "prediction")
        if one.observed is None:
            found = self.predictions[one.prediction_id or ""]._mapping
            taken = {name: found[name] for name in names}
            return {**taken, "predicted_at": found["at"], "observation": None}
        own = {name: getattr(one.observed, name, None) for name in names}
        return {**own, "predicted_at": None, "observation": one.observed.observation}


def _compare(one: Feedback, before: Any, rows: int, reason: str) -> Receipt:
    same = before["target"] == one.target and before["prediction_id"] == one.prediction_id
    if one.observed is not None:
        mine = (one.observed.vector, one.observed.prediction)
        same = same and mine == (before["vector"], before["prediction"])
    if same:
        return Receipt(Outcome.REPLAYED, before["id"], rows)
    return Receipt(Outcome.CONFLICT, before["id"], rows, reason=reason)


def _find_predictions(connection: Connection, ids: Iterable[str]) -> Iterable[Row[Any]]:
    wanted = list(ids)
    if not wanted:
        return ()
    return connection.execute(select(predictions).where(predictions.c.id.in_(wanted)))


def _find_feedback(
    connection: Connection, ids: Iterable[str], prediction_ids: Iterable[str]
) -> Iterable[Row[Any]]:
    wanted = or_(feedback.c.id.in_(list(ids)), feedback.c.prediction_id.in_(list(prediction_ids)))
    return connection.execute(select(feedback).where(wanted))


def pack(vector: Numbers) -> bytes:
    """A vector as the store keeps it."""
    return vector.astype("<f8", copy=False).tobytes()


def pack_rows(vectors: Numbers) -> list[bytes]:
    """The same for each row of many, in one go."""
    content, size = pack(vectors), vectors.shape[1] * 8
    return [content[start : start + size] for start in range(0, len(content), size)]


def unpack(content: bytes) -> Numbers:
    return np.frombuffer(content, dtype="<f8")
