"""The feedback on record, exactly once each, and the requests to retrain that it makes."""

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select, update

from pipeline.store.corrections import Correction, write_corrections
from pipeline.store.encoding import digest_observation
from pipeline.store.records import Feedback, FeedbackReceipt, Outcome, new_ids
from pipeline.store.tables import feedback, predictions, retrainings, state


def write_feedback(
    connection: Connection, given: Sequence[Feedback], every: int
) -> list[FeedbackReceipt]:
    """Write feedback exactly once, and with it the retrainings that become due.

    The row that counts the feedback is locked first, so writers take turns: `seq` has no gaps
    and the k-th row is known for certain.
    """
    rows = lock_feedback_counter(connection)
    known = _Known(connection, given)
    written, corrected, receipts = [], [], []
    for one in given:
        receipt = known.settle(one, rows + 1)
        if receipt.outcome is Outcome.RECORDED:
            rows += 1
            written.append(known.take(one, receipt))
            queued = rows % every == 0
            receipt = FeedbackReceipt(receipt.outcome, receipt.feedback_id, rows, queued)
        elif receipt.outcome is Outcome.CORRECTED:
            corrected.append(known.correct(one, receipt))
        receipts.append(receipt)
    if written:
        connection.execute(insert(feedback), written)
        _set_rows(connection, rows)
        _queue_due(connection, every, rows - len(written), rows)
    write_corrections(connection, corrected)  # of what was written just now, too
    return receipts


def lock_feedback_counter(connection: Connection) -> int:
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
            said = f"every {every} rows"
            request_retraining(connection, said, actor="count", every=every, bucket=bucket)


def request_retraining(
    connection: Connection,
    trigger: str,
    *,
    actor: str = "",
    every: int | None = None,
    bucket: int | None = None,
    request_key: str | None = None,
    foreign_model: str | None = None,
) -> int:
    """Put a retraining into the queue; what tells it apart from others must be unique."""
    now = time.time()
    statement = insert(retrainings).values(
        every=every,
        bucket=bucket,
        request_key=request_key,
        foreign_model=foreign_model,
        trigger=trigger,
        actor=actor,
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

    def settle(self, one: Feedback, rows: int) -> FeedbackReceipt:
        """Whether this is new, said before, in contradiction, or about nothing we know."""
        before = self.by_id.get(one.feedback_id or "")
        if before is not None:
            return _compare(one, before, rows - 1, "this feedback_id came with other content")
        before = self.by_prediction.get(one.prediction_id or "")
        if before is not None:
            return _compare(one, before, rows - 1, "this prediction already has another target")
        if one.observed is None and one.prediction_id not in self.predictions:
            return FeedbackReceipt(
                Outcome.UNKNOWN, "", rows - 1, reason="no such prediction is on record"
            )
        return FeedbackReceipt(
            Outcome.RECORDED, one.feedback_id or new_ids(time.time(), 1)[0], rows
        )

    def correct(self, one: Feedback, receipt: FeedbackReceipt) -> Correction:
        """The record of a target that replaces an earlier one."""
        before = self.by_id[receipt.feedback_id]
        self._remember({**before, "target": one.target})
        return Correction(
            before["seq"], before["id"], before["target"], one.target, one.corrected_by or ""
        )

    def take(self, one: Feedback, receipt: FeedbackReceipt) -> dict[str, Any]:
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


def _compare(one: Feedback, before: Any, rows: int, reason: str) -> FeedbackReceipt:
    same = before["prediction_id"] == one.prediction_id
    if one.observed is not None:
        same = same and one.observed.prediction == before["prediction"]
        moved = before.get("observation_digest")
        if moved is not None:
            same = same and digest_observation(one.observed.observation) == moved
        else:
            same = same and _is_same(one.observed.observation, before["observation"])
    if same and before["target"] == one.target:
        return FeedbackReceipt(Outcome.REPLAYED, before["id"], rows)
    if same and one.corrected_by is not None:
        return FeedbackReceipt(Outcome.CORRECTED, before["id"], rows)
    return FeedbackReceipt(Outcome.CONFLICT, before["id"], rows, reason=reason)


def _is_same(observation: bytes, before: bytes | None) -> bool:
    """By what was observed: its vector is another as soon as there is another embedding."""
    if before is None or observation == before:
        return observation == before
    try:
        return bool(msgspec.json.decode(observation) == msgspec.json.decode(before))
    except msgspec.MsgspecError:
        return False


def _find_predictions(connection: Connection, ids: Collection[str]) -> Iterable[Row[Any]]:
    if not ids:
        return ()
    return connection.execute(select(predictions).where(predictions.c.id.in_(ids)))


def _find_feedback(
    connection: Connection, ids: Collection[str], prediction_ids: Collection[str]
) -> Iterable[Row[Any]]:
    if not ids and not prediction_ids:
        return ()
    wanted = or_(feedback.c.id.in_(ids), feedback.c.prediction_id.in_(prediction_ids))
    return connection.execute(select(feedback).where(wanted))
