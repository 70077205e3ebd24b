"""The two dashboards of Kibana: what the model answers, and what becomes of it."""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.events.schema import ALERT, DECISION, DRIFT, FEEDBACK, PREDICTION, REQUESTS
from scripts.elastic.lens import Chart, Figure

COLUMNS, HEIGHT = 48, 12
ANSWERED = f'event.dataset : "{FEEDBACK}" and event.action : "answered"'


@dataclass(frozen=True)
class SearchPanel:
    """Rows that a saved search finds, by its id."""

    title: str
    search: str


@dataclass(frozen=True)
class Dashboard:
    """`id` stands in links and must not change. Panels fill rows of one, two or three."""

    id: str
    title: str
    description: str
    rows: tuple[tuple[Chart | SearchPanel, ...], ...]

    def describe(self, view: str) -> dict[str, Any]:
        """A saved object."""
        panels, references = [], []
        for line, row in enumerate(self.rows):
            width = COLUMNS // len(row)
            for place, panel in enumerate(row):
                name = f"{line}-{place}"
                grid = {"x": place * width, "y": line * HEIGHT, "w": width, "h": HEIGHT, "i": name}
                told = {"panelIndex": name, "title": panel.title, "gridData": grid}
                if isinstance(panel, Chart):
                    settings = {"attributes": panel.describe(view), "enhancements": {}}
                    panels.append({"type": "lens", **told, "embeddableConfig": settings})
                    continue
                link = f"panel_{name}"
                panels.append(
                    {"type": "search", **told, "panelRefName": link, "embeddableConfig": {}}
                )
                references.append({"type": "search", "id": panel.search, "name": f"{name}:{link}"})
        return {
            "type": "dashboard",
            "id": self.id,
            "attributes": {
                "title": self.title,
                "description": self.description,
                "panelsJSON": json.dumps(panels),
                "optionsJSON": json.dumps({"useMargins": True, "syncCursor": True}),
                "timeRestore": True,
                "timeFrom": "now-24h",
                "timeTo": "now",
                "kibanaSavedObjectMeta": {
                    "searchSourceJSON": json.dumps(
                        {"query": {"language": "kuery", "query": ""}, "filter": []}
                    )
                },
            },
            "references": references,
        }


PREDICTED = f'event.dataset : "{PREDICTION}"'
DASHBOARDS = (
    Dashboard(
        "boucle-answers",
        "Boucle: answers",
        "What is predicted, how sure the model is, and what turned out to be wrong.",
        (
            (
                Chart(
                    "Predictions by label",
                    PREDICTED,
                    split="boucle.prediction.label",
                    shape="bar_stacked",
                ),
                Chart(
                    "Predictions by version",
                    PREDICTED,
                    split="service.version",
                    shape="bar_stacked",
                ),
            ),
            (
                Chart(
                    "Confidence: the middle, and the least sure tenth",
                    PREDICTED,
                    (
                        Figure("median", "boucle.prediction.confidence", "percentile", 50),
                        Figure("10 % are below", "boucle.prediction.confidence", "percentile", 10),
                    ),
                ),
                Chart(
                    "Right and wrong, as known from answers",
                    ANSWERED,
                    split="boucle.feedback.correct",
                    shape="bar_percentage_stacked",
                ),
                Chart(
                    "Seconds until the answer: the middle, and the slowest tenth",
                    ANSWERED,
                    (
                        Figure("median", "boucle.feedback.delay_seconds", "percentile", 50),
                        Figure("90 % are below", "boucle.feedback.delay_seconds", "percentile", 90),
                    ),
                ),
            ),
            (SearchPanel("Wrong, the surest first", "boucle-wrong"),),
            (SearchPanel("Unsure predictions", "boucle-unsure"),),
        ),
    ),
    Dashboard(
        "boucle-loop",
        "Boucle: the loop",
        "Decisions about the model, drift of its inputs, alerts, and requests that failed.",
        (
            (
                Chart(
                    "Decisions",
                    f'event.dataset : "{DECISION}"',
                    split="boucle.decision.state",
                    shape="bar_stacked",
                ),
                Chart(
                    "Features whose alarm holds",
                    f'event.dataset : "{DRIFT}"',
                    (Figure("features", "boucle.drift.count", "max"),),
                    shape="bar_stacked",
                ),
            ),
            (SearchPanel("The decisions, and why", "boucle-decisions"),),
            (SearchPanel("What drifted, and how far", "boucle-drift"),),
            (
                Chart(
                    "Requests that were refused or failed",
                    f'event.dataset : "{REQUESTS}"',
                    (
                        Figure("refused", "boucle.requests.refused", "sum"),
                        Figure("failed", "boucle.requests.failed", "sum"),
                    ),
                ),
                Chart(
                    "Alerts that began",
                    f'event.dataset : "{ALERT}" and event.action : "firing"',
                    split="boucle.alert.name",
                    shape="bar_stacked",
                ),
            ),
            (SearchPanel("Alerts", "boucle-alerts"),),
        ),
    ),
)
