"""The fields of events: one definition, from which docs/logs.md and the tests are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ECS_VERSION = "9.0.0"
SERVICE = "boucle"
PREDICTION, FEEDBACK = "boucle.prediction", "boucle.feedback"
DECISION, DRIFT = "boucle.decision", "boucle.drift"
DATASETS = (PREDICTION, FEEDBACK, DECISION, DRIFT)
Kind = Literal["date", "keyword", "text", "float", "long", "boolean", "flattened"]
Event = dict[str, Any]  # by full names, such as "event.id"


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind  # as Elasticsearch maps it
    meaning: str
    datasets: tuple[str, ...] = DATASETS


FIELDS = (
    Field("@timestamp", "date", "when it happened"),
    Field("ecs.version", "keyword", "the schema that the names are from"),
    Field("event.kind", "keyword", "`event`"),
    Field("event.dataset", "keyword", "what it is: " + ", ".join(f"`{one}`" for one in DATASETS)),
    Field("event.action", "keyword", "`predicted`, `answered`, `corrected`, `decided`, `drifted`"),
    Field("event.id", "keyword", "unique and stable: what is sent twice can be told"),
    Field(
        "event.sequence", "long", "its number in the store: what was written last is known by it"
    ),
    Field("service.name", "keyword", "`boucle`"),
    Field(
        "service.version", "keyword", "the version of the model", (PREDICTION, FEEDBACK, DECISION)
    ),
    Field("trace.id", "keyword", "the request", (PREDICTION,)),
    Field("boucle.prediction.id", "keyword", "the prediction", (PREDICTION, FEEDBACK)),
    Field("boucle.prediction.label", "keyword", "what was predicted", (PREDICTION, FEEDBACK)),
    Field("boucle.prediction.confidence", "float", "its probability", (PREDICTION,)),
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
    Field("message", "text", "why, in a sentence", (DECISION, DRIFT)),
    Field("boucle.drift.features", "keyword", "whose alarm holds from then on", (DRIFT,)),
    Field("boucle.drift.count", "long", "how many they are", (DRIFT,)),
)
KINDS: Mapping[str, Kind] = {field.name: field.kind for field in FIELDS}


def write_table() -> str:
    """For docs/logs.md."""
    rows = [
        f"| `{field.name}` | {field.kind} | {_name(field.datasets)} | {field.meaning} |"
        for field in FIELDS
    ]
    return "\n".join(["| field | type | of | meaning |", "| --- | --- | --- | --- |", *rows])


def _name(datasets: tuple[str, ...]) -> str:
    short = (one.removeprefix("boucle.") for one in datasets)
    return "all" if datasets == DATASETS else ", ".join(short)
