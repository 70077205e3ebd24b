"""What Kibana 9 shows of the events: a data view, searches that people ask for, dashboards."""

import json
from dataclasses import dataclass
from typing import Any

from scripts.elastic.dashboards import DASHBOARDS
from scripts.elastic.templates import PATTERN

VIEW = "boucle-events"
ANSWERED = 'event.dataset : "boucle.feedback"'


@dataclass(frozen=True)
class Search:
    """A search in KQL, the columns it shows, and what the highest of comes first."""

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
        "Wrong predictions, the surest first",
        f"{ANSWERED} and boucle.feedback.correct : false",
        (
            "boucle.prediction.confidence",
            "boucle.prediction.label",
            "boucle.feedback.target",
            "boucle.prediction.id",
        ),
        sort="boucle.prediction.confidence",
    ),
    Search(
        "boucle-feedback",
        "Answers",
        ANSWERED,
        ("boucle.feedback.target", "boucle.prediction.label", "boucle.prediction.id"),
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
        ("boucle.drift.count", "message"),
    ),
    Search(
        "boucle-alerts",
        "Alerts",
        'event.dataset : "boucle.alert"',
        ("event.action", "boucle.alert.severity", "boucle.alert.name", "message"),
    ),
    Search(
        "boucle-requests",
        "Minutes in which requests failed",
        'event.dataset : "boucle.requests" and boucle.requests.failed > 0',
        ("boucle.requests.failed", "boucle.requests.refused"),
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
    boards = [board.describe(VIEW) for board in DASHBOARDS]
    return "".join(f"{json.dumps(one)}\n" for one in (view, *map(_describe, SEARCHES), *boards))


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
