"""The panels of the Evidently project, and the figures of each report that they show."""

import uuid
from collections.abc import Iterator

from evidently.core.metric_types import MetricConfig, SingleValue, single_value_location
from evidently.sdk.models import DashboardModel, DashboardPanelPlot, DashboardTabModel, PanelMetric
from evidently.sdk.panels import counter_panel, line_plot_panel, text_panel

from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import RESIDUAL, DatasetDrift
from reporting.insufficient import Insufficient
from reporting.monitoring.checks import CheckResults
from reporting.windows.window_quality import Quality

PROJECT_ID = uuid.uuid5(uuid.NAMESPACE_URL, "https://boucle.invalid/evidently")
METRIC = "evidently:metric_v2:Boucle"
BARELY = 1e-9  # Evidently's counter says "no value" for 0
WORDS = {
    "drift_share": "share of features",
    "stable_share": "share of all features",
    "drift_alarm": "alarm",
    "residual_p_value": "PCA residual",
    "target_p_value": "targets",
    "prediction_p_value": "predictions",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "expected_accuracy": "expected",
    "expected_balanced_accuracy": "expected, balanced",
    "missing": "missing",
    "out_of_range": "out of range",
    "new_category": "new category",
    "duplicates": "duplicate rows",
}
INTRODUCTION = (
    "Each report compares the latest window of predictions and feedback with the reference of the "
    "live version, by the methods and thresholds of the alerts. 'Expected' is the score on rows of "
    "the reference that the model was not shown. docs/monitoring.md says when drift is an alarm."
)


def figures_of(found: CheckResults) -> dict[str, float]:
    """What can be said in a number; the rest is absent."""
    figures = {
        **_drift_figures(found.drift),
        **_share_figures("target", found.target),
        **_share_figures("prediction", found.prediction),
        **_quality_figures(found.quality),
    }
    for prefix, scores in (("expected_", found.expected), ("", found.scores)):
        if not isinstance(scores, Insufficient):
            figures[f"{prefix}accuracy"] = scores.accuracy
            if scores.balanced_accuracy is not None:
                figures[f"{prefix}balanced_accuracy"] = scores.balanced_accuracy
    return figures


def _drift_figures(found: DatasetDrift | Insufficient) -> dict[str, float]:
    if isinstance(found, Insufficient):
        return {}
    figures = {"drift_alarm": float(found.drifted)}
    if found.share is not None:
        figures["drift_share"] = found.share
        figures["stable_share"] = max(1 - found.share, BARELY)
    for column in found.columns:
        if column.name == RESIDUAL and column.direction == "below":
            figures["residual_p_value"] = column.score
    return figures


def _share_figures(name: str, found: LabelDrift | Insufficient) -> dict[str, float]:
    return {f"{name}_p_value": found.score} if isinstance(found, LabelDrift) else {}


def _quality_figures(found: Quality | Insufficient) -> dict[str, float]:
    """The share of all values of the window, and of its rows."""
    if isinstance(found, Insufficient):
        return {}
    values = found.rows * max(len(found.features), 1)
    counted = {
        check: sum(getattr(feature, check) for feature in found.features) / values
        for check in ("missing", "out_of_range", "new_category")
    }
    return {**counted, "duplicates": found.duplicates / found.rows}


def as_results(figures: dict[str, float]) -> dict[str, SingleValue]:
    """The figures as Evidently keeps metrics, one for each name."""
    return {f"boucle_{name}": _as_result(name, value) for name, value in figures.items()}


def _as_result(name: str, value: float) -> SingleValue:
    params = {"type": METRIC, "figure": name}
    location = single_value_location(MetricConfig(metric_id=f"boucle_{name}", params=params))
    return SingleValue(display_name=WORDS[name], value=value, metric_value_location=location)


def dashboard() -> DashboardModel:
    """One tab; the ids follow from the titles, so that a restart makes nothing new."""
    panels = [panel.copy(update={"id": _id(panel.title)}) for panel in _panels()]
    tab = DashboardTabModel(id=_id("tab"), title="Model", panels=[panel.id for panel in panels])
    return DashboardModel(tabs=[tab], panels=panels)


def _panels() -> Iterator[DashboardPanelPlot]:
    yield text_panel("Boucle", INTRODUCTION)
    yield counter_panel("Features without drift", _show("stable_share"), size="half")
    yield counter_panel("Balanced accuracy", _show("balanced_accuracy"), size="half")
    yield line_plot_panel(
        "Drift",
        _show("drift_share", "drift_alarm"),
        "share of the features that drifted; the alarm is 1 when the window as a whole did",
        size="half",
    )
    yield line_plot_panel(
        "p-values",
        _show("residual_p_value", "target_p_value", "prediction_p_value"),
        "below 0.01 for labels is drift; each report has the threshold of the residual",
        size="half",
    )
    yield line_plot_panel(
        "Quality of the model",
        _show("balanced_accuracy", "expected_balanced_accuracy", "accuracy", "expected_accuracy"),
        "on live feedback, and as the reference promises it",
        size="half",
    )
    yield line_plot_panel(
        "Quality of the data",
        _show("missing", "out_of_range", "new_category", "duplicates"),
        "share of the values, and of the rows",
        size="half",
    )
    by_label = PanelMetric(metric="F1ByLabel", legend="{{label}}")
    yield line_plot_panel("F1 by label", [by_label], "on live feedback")


def _show(*names: str) -> list[PanelMetric]:
    return [
        PanelMetric(metric=METRIC, metric_labels={"figure": name}, legend=WORDS[name])
        for name in names
    ]


def _id(title: str) -> uuid.UUID:
    return uuid.uuid5(PROJECT_ID, title)
