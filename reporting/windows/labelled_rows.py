"""Labelled rows since the last pass, each with how likely its prediction was wrong."""

from sqlalchemy import Engine, func, select

from pipeline.store.tables import feedback
from reporting.drift.error_drift import LabelledRow
from reporting.windows.expected_errors import ExpectedErrors, answered

MOST_ROWS = 10_000  # a pass; the next one reads on


def read_labelled(
    engine: Engine, after: int, live: str, expected: ExpectedErrors
) -> list[LabelledRow]:
    """Feedback after a row, oldest first, whatever version predicted it."""
    query = answered().where(feedback.c.seq > after).order_by(feedback.c.seq).limit(MOST_ROWS)
    with engine.execution_options(readonly=True).connect() as connection:
        rows = connection.execute(query).all()
    return [
        LabelledRow(row.seq, row.target != row.prediction, wrong, row.version or live)
        for row, wrong in zip(rows, expected.of(rows, live).tolist(), strict=True)
    ]


def id_of(engine: Engine, seq: int) -> str:
    """What tells a row of feedback from one of another store; empty where there is none."""
    with engine.execution_options(readonly=True).connect() as connection:
        return str(connection.scalar(select(feedback.c.id).where(feedback.c.seq == seq)) or "")


def last_labelled(engine: Engine) -> int:
    """The number of the last row of feedback; 0 before the first."""
    with engine.execution_options(readonly=True).connect() as connection:
        return int(connection.scalar(select(func.max(feedback.c.seq))) or 0)
