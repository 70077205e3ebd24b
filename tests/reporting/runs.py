"""Runs of the Evidently project with figures and nothing to draw."""

from datetime import UTC, datetime, timedelta

from evidently.core.serialization import ReportModel, SnapshotModel

from reporting.evidently_reports.dashboard import as_results

START = datetime(2026, 11, 1, tzinfo=UTC)


def make_run(number=0, **figures):
    given = {"stable_share": 0.8, "balanced_accuracy": 0.9, **figures}
    results = as_results(given)
    return SnapshotModel(
        report=ReportModel(items=[]),
        name=f"run {number}",
        timestamp=(START + timedelta(hours=number)).replace(tzinfo=None),
        metadata={},
        tags=[],
        metric_results=results,
        top_level_metrics=list(results),
        widgets=[],
        tests_widgets=[],
    )
