"""Reads the settings of the page from the environment: addresses, folders and keys."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Addresses have no slash at the end. If the address of a tool is empty, no link is shown."""

    serving: str
    reporting: str
    evidently: str
    prometheus: str
    grafana: str
    predict_key: str
    feedback_key: str
    admin_key: str
    samples: Path
    reports: Path


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read for each run of the page, so that keys made after its start are found."""

    def address(name: str, default: str = "") -> str:
        return environment.get(name, default).rstrip("/")

    predict_key = _read_key(environment, "API_KEY", "secrets/predict.key")
    one_for_both = "API_KEY" in environment or "API_KEY_FILE" in environment
    feedback_file = "" if one_for_both else "secrets/feedback.key"
    return Settings(
        serving=address("SERVING_URL", "http://127.0.0.1:8080"),
        reporting=address("REPORTING_URL", "http://127.0.0.1:8083"),
        evidently=address("EVIDENTLY_URL", "http://127.0.0.1:8082"),
        prometheus=address("PROMETHEUS_URL"),
        grafana=address("GRAFANA_URL"),
        predict_key=predict_key,
        feedback_key=_read_key(environment, "FEEDBACK_KEY", feedback_file) or predict_key,
        admin_key=_read_key(environment, "ADMIN_KEY", ""),
        samples=Path(environment.get("SAMPLES_FOLDER", "data/samples")),
        reports=Path(environment.get("REPORTS_FOLDER", "reporting/reports")),
    )


def _read_key(environment: Mapping[str, str], name: str, default: str) -> str:
    """The key itself in NAME, or the file that holds it in NAME_FILE."""
    if key := environment.get(name, ""):
        return key.strip()
    file = environment.get(f"{name}_FILE", default)
    try:
        return Path(file).read_text().strip() if file else ""
    except OSError:  # not there yet; if serving needs a key, it says so
        return ""
