"""Defines the fields of events. docs/logs.md and the tests are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

ECS_VERSION = "9.0.0"
SERVICE = "boucle"
PREDICTION, FEEDBACK = "boucle.prediction", "boucle.feedback"
DECISION, DRIFT, ALERT = "boucle.decision", "boucle.drift", "boucle.alert"
REQUESTS = "boucle.requests"
STORED = (PREDICTION, FEEDBACK, DECISION, DRIFT, REQUESTS)  # read from the store
DATASETS = (*STORED, ALERT)
Kind = Literal["date", "keyword", "text", "float", "long", "boolean", "flattened"]
Event = dict[str, Any]  # keys are full names, such as "event.id"


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind  # as Elasticsearch maps it
    meaning: str
    datasets: tuple[str, ...] = DATASETS


FIELDS = (
    Field("@timestamp", "date", "when it happened"),
    Field("ecs.version", "keyword", "the schema that the names are from"),
    Field("event.kind", "keyword", "`event`, of an alert `alert`"),
    Field("event.dataset", "keyword", "what it is: " + ", ".join(f"`{one}`" for one in DATASETS)),
    Field(
        "event.action",
        "keyword",
        "`predicted`, `answered`, `corrected`, `decided`, ...; of an alert its state",
    ),
    Field("event.id", "keyword", "unique and stable: what is sent twice can be told"),
    Field(
        "event.sequence",
        "long",
        "its number in the store: what was written last is known by it",
        STORED,
    ),
    Field("service.name", "keyword", "`boucle`"),
    Field(
        "service.version", "keyword", "the version of the model", (PREDICTION, FEEDBACK, DECISION)
    ),
    Field("trace.id", "keyword", "the request", (PREDICTION,)),
    Field("boucle.prediction.id", "keyword", "the prediction", (PREDICTION, FEEDBACK)),
    Field("boucle.prediction.label", "keyword", "what was predicted", (PREDICTION, FEEDBACK)),
    Field("boucle.prediction.confidence", "float", "its probability", (PREDICTION, FEEDBACK)),
    Field("boucle.prediction.probabilities", "flattened", "of each label", (PREDICTION,)),
    Field("boucle.prediction.residual", "float", "how unlike all that was learned", (PREDICTION,)),
    Field(
        "boucle.features", "flattened", "what was observed; `logs.features = true`", (PREDICTION,)
    ),
    Field("boucle.feedback.id", "keyword", "the feedback", (FEEDBACK,)),
    Field("boucle.feedback.target", "keyword", "what it truly was", (FEEDBACK,)),
    Field("boucle.feedback.before", "keyword", "the target before a correction", (FEEDBACK,)),
    Field("boucle.feedback.correct", "boolean", "whether the prediction was right", (FEEDBACK,)),
    Field("boucle.feedback.delay_seconds", "float", "from prediction to answer", (FEEDBACK,)),
    Field("boucle.actor", "keyword", "whose key, or which part", (FEEDBACK, DECISION)),
    Field("boucle.decision.state", "keyword", "promoted, rejected, failed, ...", (DECISION,)),
    Field("boucle.decision.trigger", "keyword", "what asked for it", (DECISION,)),
    Field("boucle.decision.parent", "keyword", "the version before", (DECISION,)),
    Field("boucle.decision.numbers", "flattened", "what the gate went by", (DECISION,)),
    Field("boucle.decision.seconds", "float", "from its start to its end", (DECISION,)),
    Field("message", "text", "why or what, in a sentence", (DECISION, DRIFT, ALERT)),
    Field("boucle.drift.features", "keyword", "whose alarm holds from then on", (DRIFT,)),
    Field("boucle.drift.amounts", "flattened", "how far each had moved then", (DRIFT,)),
    Field("boucle.drift.count", "long", "how many they are", (DRIFT,)),
    Field("boucle.requests.refused", "long", "of a minute, the request was to blame", (REQUESTS,)),
    Field("boucle.requests.failed", "long", "of a minute, the service was to blame", (REQUESTS,)),
    Field("boucle.alert.name", "keyword", "the alert", (ALERT,)),
    Field("boucle.alert.severity", "keyword", "`page` or `ticket`", (ALERT,)),
    Field("boucle.alert.labels", "flattened", "of what it is: job, feature, ...", (ALERT,)),
    Field("boucle.alert.runbook", "keyword", "where it says what to do", (ALERT,)),
)
KINDS: Mapping[str, Kind] = {field.name: field.kind for field in FIELDS}


def begin_event(at: datetime, dataset: str, action: str, number: str) -> Event:
    """The fields that every event has."""
    return {
        "@timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "ecs.version": ECS_VERSION,
        "event.kind": "alert" if dataset == ALERT else "event",
        "event.dataset": dataset,
        "event.action": action,
        "event.id": number,
        "service.name": SERVICE,
    }


def write_table() -> str:
    """The table of docs/logs.md."""
    rows = [
        f"| `{field.name}` | {field.kind} | {_name(field.datasets)} | {field.meaning} |"
        for field in FIELDS
    ]
    return "\n".join(["| field | type | of | meaning |", "| --- | --- | --- | --- |", *rows])


def _name(datasets: tuple[str, ...]) -> str:
    short = (one.removeprefix("boucle.") for one in datasets)
    return "all" if datasets == DATASETS else ", ".join(short)
