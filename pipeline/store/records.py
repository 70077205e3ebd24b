"""What the store is given and what it answers, as plain values: no SQLAlchemy is needed for them.

Serving predicts before it has imported SQLAlchemy.
"""

import secrets
from collections import Counter
from dataclasses import dataclass
from enum import Enum

PredictionRow = tuple[str, float, str, str, bytes, bytes, float, str, bytes]
Minute = int  # the unix time at which it began
Errors = Counter[tuple[Minute, bool]]  # and whether the service was to blame


class StoreUnavailable(Exception):
    """The store cannot be reached or written now; it may come back."""


def new_ids(at: float, count: int) -> list[str]:
    """Ids sort by time, so that an index grows at its end, and cannot be guessed."""
    moment, chance = f"{int(at * 1000):012x}", secrets.token_hex(10 * count)
    return [moment + chance[start : start + 20] for start in range(0, 20 * count, 20)]


def first_id(moment: float) -> str:
    """What sorts before the ids of all predictions from then on."""
    return f"{max(0, int(moment * 1000)):012x}"


def is_prediction_id(text: str) -> bool:
    """Whether the store may be asked for it: a text that it cannot hold would be an error there."""
    return text.isalnum() and text.isascii()


@dataclass(frozen=True)
class InlineObservation:
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
    observed: InlineObservation | None = None
    feedback_id: str | None = None
    corrected_by: str | None = None  # who may replace an earlier target; None where nobody may


class Outcome(Enum):
    RECORDED = "recorded"
    REPLAYED = "replayed"
    CORRECTED = "corrected"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FeedbackReceipt:
    """What became of a feedback, and how many rows there are now."""

    outcome: Outcome
    feedback_id: str
    rows: int
    queued: bool = False
    reason: str = ""
