"""What Kibana 9 shows of the events: a data view and the searches that people ask for."""

import json
from dataclasses import dataclass
from typing import Any

from scripts.elastic.templates import PATTERN

VIEW = "boucle-events"
ANSWERED = 'event.dataset : "boucle.feedback"'


@dataclass(frozen=True)
class Search:
    """A search in KQL, the columns it shows, and what it is sorted by."""

    id: str
    title: str
    query: str
    columns: tuple[str, ...]
    sort: str = "@timestamp"


PREDICTED = ("boucle.prediction.label", "boucle.prediction.confidence", "service.version")
SEARCHES = (
    Search("boucle-predictions", "Predictions", 'event.dataset : "boucle.prediction"', PREDICTED),
    Search(
        "boucle-unsure",
        "Unsure predictions",
        'event.dataset : "boucle.prediction" and boucle.prediction.confidence < 0.5',
        PREDICTED,
    ),
    Search(
        "boucle-unlike",
        "Unlike all that was learned, the most unlike first",
        'event.dataset : "boucle.prediction"',
        ("boucle.prediction.residual", *PREDICTED),
        sort="boucle.prediction.residual",
    ),
    Search(
        "boucle-wrong",
        "Wrong predictions",
        f"{ANSWERED} and boucle.feedback.correct : false",
        ("boucle.prediction.label", "boucle.feedback.target", "boucle.prediction.id"),
    ),
    Search(
        "boucle-late",
        "Answers, the latest after their prediction first",
        ANSWERED,
        ("boucle.feedback.delay_seconds", "boucle.feedback.target", "boucle.prediction.id"),
        sort="boucle.feedback.delay_seconds",
    ),
    Search(
        "boucle-decisions",
        "Decisions about the model",
        'event.dataset : "boucle.decision"',
        ("boucle.decision.state", "service.version", "boucle.decision.trigger", "message"),
    ),
    Search(
        "boucle-drift",
        "Drift of the inputs",
        'event.dataset : "boucle.drift"',
        ("boucle.drift.count", "boucle.drift.features"),
    ),
)


def write_objects() -> str:
    """NDJSON for Kibana's import of saved objects."""
    view = {
        "type": "index-pattern",
        "id": VIEW,
        "attributes": {"title": PATTERN, "name": "Boucle events", "timeFieldName": "@timestamp"},
        "references": [],
    }
    return "".join(f"{json.dumps(one)}\n" for one in (view, *map(_describe, SEARCHES)))


def _describe(search: Search) -> dict[str, Any]:
    source = {
        "query": {"language": "kuery", "query": search.query},
        "filter": [],
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    return {
        "type": "search",
        "id": search.id,
        "attributes": {
            "title": f"Boucle: {search.title}",
            "columns": list(search.columns),
            "sort": [[search.sort, "desc"]],
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
        },
        "references": [
            {"type": "index-pattern", "id": VIEW, "name": source["indexRefName"]},
        ],
    }
