"""How good the predictions were over time: errors along the labels, and quality by day.

The ids of predictions sort by time, so that a day is a range of their index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, Engine, func, select

from pipeline.quality.calibration import Calibration
from pipeline.store.encoding import unpack
from pipeline.store.records import first_id
from pipeline.store.tables import feedback, predictions
from reporting.windows.expected_errors import ExpectedErrors, answered

DAYS = 14
SAMPLED = 200  # predictions of a day, whose confidence tells what to expect of it
MOST_ROWS, BLOCKS, LEAST_BLOCK = 10_000, 40, 25  # labelled rows of the curve, and its points


@dataclass(frozen=True)
class ErrorBlock:
    """Some labelled rows that came one after the other."""

    until: datetime  # when the last of their labels came
    last_seq: int
    rows: int
    wrong: float
    expected: float
    version: str | None  # that predicted the last of them


@dataclass(frozen=True)
class DayQuality:
    """The predictions of a day, in UTC."""

    day: str
    predictions: int
    labelled: int
    accuracy: float | None  # by the labels that have come
    foretold: float | None  # by the confidence of some of them; of the live version alone
    error: float | None  # the standard error of that

    @property
    def still_out(self) -> float:
        return 1 - self.labelled / self.predictions if self.predictions else 0.0


@dataclass(frozen=True)
class QualityHistory:
    errors_over_time: list[ErrorBlock]
    quality_by_day: list[DayQuality]


def read_error_curve(engine: Engine, errors: ExpectedErrors, live: str) -> list[ErrorBlock]:
    """The latest labelled rows in blocks of as many, the oldest first."""
    query = answered().order_by(feedback.c.seq.desc()).limit(MOST_ROWS)
    with engine.execution_options(readonly=True).connect() as connection:
        rows = connection.execute(query).all()[::-1]
    expected = errors.of(rows, live)
    size = max(LEAST_BLOCK, -(-len(rows) // BLOCKS))
    blocks = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        blocks.append(
            ErrorBlock(
                datetime.fromtimestamp(part[-1].at, UTC),
                part[-1].seq,
                len(part),
                float(np.mean([row.target != row.prediction for row in part])),
                float(expected[start : start + size].mean()),
                part[-1].version,
            )
        )
    return blocks


def read_days(
    engine: Engine, calibration: Calibration, version: str, now: datetime
) -> list[DayQuality]:
    """The last days that had predictions, the oldest first."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with engine.execution_options(readonly=True).connect() as connection:
        return list(_read_days(connection, calibration, version, today))


def _read_days(
    connection: Connection, calibration: Calibration, version: str, today: datetime
) -> Iterator[DayQuality]:
    for back in range(DAYS - 1, -1, -1):
        begin = today - timedelta(days=back)
        end = begin + timedelta(days=1)
        ids = (first_id(begin.timestamp()), first_id(end.timestamp()))
        within = predictions.c.id.between(*ids)
        count = connection.scalar(select(func.count()).select_from(predictions).where(within)) or 0
        if not count:
            continue
        answered = select(feedback.c.target, feedback.c.prediction)
        answered = answered.where(feedback.c.prediction_id.between(*ids))
        told = [row.target == row.prediction for row in connection.execute(answered)]
        foretold = _foretell(connection, calibration, version, ids)
        yield DayQuality(
            f"{begin:%Y-%m-%d}",
            count,
            len(told),
            float(np.mean(told)) if told else None,
            *(foretold or (None, None)),
        )


def _foretell(
    connection: Connection, calibration: Calibration, version: str, ids: tuple[str, str]
) -> tuple[float, float] | None:
    query = select(predictions.c.probabilities).where(predictions.c.id.between(*ids))
    query = query.where(predictions.c.version == version).limit(SAMPLED)
    found = [unpack(row.probabilities) for row in connection.execute(query)]
    if not found:
        return None
    expected = calibration.expect(np.array(found))
    return expected.accuracy, expected.error
