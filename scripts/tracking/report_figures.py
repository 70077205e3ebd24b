"""What reporting said when it made its last Evidently report, as numbers with a time."""

import os
import re
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families

from pipeline.settings import Settings

MADE = "reporting_last_snapshot_timestamp_seconds"
LABEL = {  # each figure, and what tells its series apart
    "drift_share": None,
    "drift_score": "feature",
    "model_score": "score",
    "target_drift_p_value": None,
    "prediction_drift_p_value": None,
}
UNNAMED = re.compile(r"[^\w\-. /]")  # what MLflow allows in no name
MOST_SERIES = 200
SECONDS = 5.0


@dataclass(frozen=True)
class ReportFigures:
    made_at: float
    numbers: dict[str, float]


def read_report_figures(settings: Settings) -> ReportFigures | None:
    """None while reporting is away or has made none."""
    here = f"http://127.0.0.1:{settings.reporting.port}"
    address = os.environ.get("REPORTING_URL") or here
    try:
        text = requests.get(f"{address.rstrip('/')}/metrics", timeout=SECONDS).text
    except requests.RequestException:
        return None
    return parse_figures(text)


def parse_figures(text: str) -> ReportFigures | None:
    made_at, numbers = 0.0, {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == MADE:
                made_at = sample.value
            if sample.name in LABEL and sample.labels.get("data", "live") == "live":
                told = sample.labels.get(LABEL[sample.name] or "", "")
                name = f"{sample.name}.{told}" if told else sample.name
                numbers[UNNAMED.sub("_", name)] = sample.value
    return ReportFigures(made_at, dict([*numbers.items()][:MOST_SERIES])) if made_at else None
