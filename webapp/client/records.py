"""Recorded predictions, as serving lists, shows and explains them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.client.schema import Value


@dataclass(frozen=True)
class Filters:
    """What to search for; empty fields do not restrict the search."""

    begin: float | None = None
    label: str | None = None
    version: str | None = None
    most_confidence: float = 1.0
    feedback: str = "any"
    subject: str | None = None

    def query(self) -> dict[str, Any]:
        return {
            "from": self.begin,
            "label": self.label,
            "version": self.version,
            "most_confidence": self.most_confidence,
            "feedback": self.feedback,
            "subject": self.subject,
        }


@dataclass(frozen=True)
class Listed:
    id: str
    at: float
    version: str
    prediction: str
    confidence: float
    target: str | None
    corrected: bool


@dataclass(frozen=True)
class RecordPage:
    predictions: list[Listed]
    next: str | None


@dataclass(frozen=True)
class Correction:
    at: float
    before: str
    after: str
    actor: str


@dataclass(frozen=True)
class Neighbour:
    """A labelled row that is similar to a prediction."""

    prediction_id: str | None
    prediction: str
    target: str
    distance: float


@dataclass(frozen=True)
class Record:
    """`features` is a list if their names are not known, and None for a picture."""

    id: str
    at: float
    subject: str | None
    request_id: str
    version: str
    prediction: str
    confidence: float
    probabilities: Mapping[str, float]
    features: Mapping[str, Value] | Sequence[Value] | None
    target: str | None
    answered_at: float | None
    corrections: list[Correction]
    nearest: list[Neighbour]


@dataclass(frozen=True)
class Lent:
    """A prediction to check, lent to one visitor for a while."""

    id: str
    prediction: str
    why: str
    until: float


@dataclass(frozen=True)
class Contribution:
    feature: str
    contribution: float
    value: Value = None


@dataclass(frozen=True)
class Explanation:
    """Baseline and contributions add up to the probability of the label."""

    label: str
    probability: float
    baseline: float
    contributions: list[Contribution]


def read_page(body: Mapping[str, Any]) -> RecordPage:
    return RecordPage([_read_listed(one) for one in body["predictions"]], body["next"])


def _read_listed(body: Mapping[str, Any]) -> Listed:
    named = (body["prediction_id"], body["at"], body["model_version"], body["prediction"])
    return Listed(*named, body["confidence"], body["target"], body["corrected"])


def read_record(body: Mapping[str, Any]) -> Record:
    told = body["feedback"] or {}
    return Record(
        body["prediction_id"],
        body["at"],
        body["subject"],
        body["request_id"],
        body["model_version"],
        body["prediction"],
        body["confidence"],
        body["probabilities"],
        body["features"],
        told.get("target"),
        told.get("at"),
        [Correction(**one) for one in told.get("corrections", ())],
        [Neighbour(**one) for one in body["nearest"]],
    )


def read_explanation(body: Mapping[str, Any]) -> Explanation:
    contributions = [Contribution(**one) for one in body["contributions"]]
    return Explanation(body["label"], body["probability"], body["baseline"], contributions)


def read_lent(body: Mapping[str, Any]) -> list[Lent]:
    return [
        Lent(one["prediction_id"], one["prediction"], one["why"], one["until"])
        for one in body["predictions"]
    ]
