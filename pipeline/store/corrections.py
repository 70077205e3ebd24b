"""The log of targets that were replaced by another one: what it was, what it is, and by whom."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from pipeline.store.tables import corrections, feedback

ERASED = ""  # the target of feedback whose subject was erased; no label is empty


def not_erased() -> ColumnElement[bool]:
    """Of feedback: that there is something to read."""
    return feedback.c.target != ERASED


def has_vector() -> ColumnElement[bool]:
    """Of feedback: that the whole row is here, neither erased nor moved to the history."""
    return feedback.c.vector != b""


def is_moved() -> ColumnElement[bool]:
    """Of feedback: that its vector and observation are in the history."""
    return and_(feedback.c.vector == b"", not_erased())


@dataclass(frozen=True)
class Correction:
    feedback_seq: int
    feedback_id: str
    before: str
    after: str
    actor: str


def write_corrections(connection: Connection, given: Sequence[Correction]) -> None:
    """Replace the targets, in the transaction that has locked the feedback."""
    for one in given:
        target = update(feedback).where(feedback.c.seq == one.feedback_seq)
        connection.execute(target.values(target=one.after))
        connection.execute(insert(corrections).values(**vars(one), at=time.time()))


def count_corrections(connection: Connection) -> int:
    """A number that another correction changes."""
    return int(connection.scalar(select(func.max(corrections.c.id))) or 0)


def corrections_of(connection: Connection, feedback_id: str) -> list[dict[str, Any]]:
    """What a feedback was before, the oldest first."""
    names = ("at", "before", "after", "actor")
    query = select(*(corrections.c[name] for name in names))
    query = query.where(corrections.c.feedback_id == feedback_id).order_by(corrections.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]
