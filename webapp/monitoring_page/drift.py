"""Shows reporting's figures: what drifted, by how much, and the quality on live feedback."""

from dataclasses import dataclass

import streamlit as st

from webapp.client.metrics_text import MetricSamples, MetricsUnavailable, fetch_metrics
from webapp.monitoring_page.quality import show_data_quality, show_quality
from webapp.widgets.formats import ago, number, percent, plain

DIAGNOSES = {
    "damage": "**Damaged data.** Mend what sends them; a retraining would learn the damage.",
    "concept": "**Concept drift.** More is wrong than confidence foretold. Label recent rows: the "
    "next retraining learns what inputs mean now.",
    "target": "**Target drift.** True labels have other shares. The next retraining learns them.",
    "covariate": "**Covariate shift.** Other inputs than in training, and not more is wrong than "
    "the model's confidence foretells. "
    "Label some of these rows, so that the next retraining knows them.",
}
MOST_MOVES = 5


@dataclass(frozen=True)
class Watch:
    """A kind of drift, the metrics that tell of it, and what it means."""

    title: str
    detected: str
    insufficient: str
    evidence: str
    words: str
    meaning: str


WATCHES = (
    Watch(
        "Inputs",
        "drift_alarm",
        "drift_insufficient",
        "drift_share",
        "of the features drifted",
        "Covariate drift: what is asked differs from what the model learned from.",
    ),
    Watch(
        "Predictions",
        "prediction_drift_detected",
        "prediction_drift_insufficient",
        "prediction_drift_p_value",
        "p-value",
        "The shares of the predicted labels differ from the reference.",
    ),
    Watch(
        "True labels",
        "target_drift_detected",
        "target_drift_insufficient",
        "target_drift_p_value",
        "p-value",
        "Target drift: the shares of the true labels differ from the reference.",
    ),
    Watch(
        "Concept",
        "concept_drift_detected",
        "concept_drift_insufficient",
        "concept_error_rate",
        "of live predictions are wrong",
        "Concept drift: the same inputs mean something else than before.",
    ),
)


def show_drift(address: str) -> None:
    st.subheader("Drift")
    try:
        figures = fetch_metrics(address)
    except MetricsUnavailable as error:
        st.info(f"{plain(str(error))} It brings the figures of drift and quality.")
        return
    _show_freshness(figures)
    with st.container(horizontal=True):
        for watch in WATCHES:
            _show_watch(watch, figures)
    _show_diagnosis(figures)
    _show_moves(figures)
    _show_features(figures)
    st.subheader("Quality on live feedback")
    show_quality(figures)
    show_data_quality(figures)


def _show_freshness(figures: MetricSamples) -> None:
    moment = figures.value("reporting_last_pass_timestamp_seconds")
    rows = {
        name: figures.value("reporting_window_rows", data=name)
        for name in ("predictions", "labelled", "reference")
    }
    counts = ", ".join(f"{count:,.0f} {name}" for name, count in rows.items() if count is not None)
    when = "no pass has ended yet" if not moment else f"computed {ago(moment)}"
    st.markdown(f":gray[{when.capitalize()}{' from rows: ' + counts if counts else ''}]")


def _show_watch(watch: Watch, figures: MetricSamples) -> None:
    found = [sample.value for sample in figures.find(watch.detected)]
    with st.container(border=True, gap="small"):
        st.markdown(watch.title, help=watch.meaning)
        if figures.value(watch.insufficient) == 1:
            st.markdown(f"#### :gray[{_how_few(watch, figures)}]")
        elif not found:
            st.markdown("#### :gray[not known]")
        elif any(found):
            st.markdown("#### :red[drifted]")
        else:
            st.markdown("#### :green[steady]")
        st.markdown(f":small[:gray[{_evidence(watch, figures)}]]")


def _how_few(watch: Watch, figures: MetricSamples) -> str:
    """How many rows there are, and how many are needed."""
    data = "labelled" if watch.detected.startswith(("target", "concept")) else "predictions"
    counts = [figures.value(f"reporting_{name}_rows", data=data) for name in ("window", "least")]
    if watch.detected.startswith("target"):  # shares need as many rows as inputs do
        counts[1] = figures.value("reporting_least_rows", data="predictions")
    there, needed = counts
    if there is None or needed is None:
        return "too few rows"
    return f"too few rows: {there:,.0f} of {needed:,.0f}"


def _evidence(watch: Watch, figures: MetricSamples) -> str:
    found = figures.find(watch.evidence)
    about_live = [sample for sample in found if sample.labels.get("data", "live") == "live"]
    if not about_live:
        return "no figure yet"
    if watch.words == "p-value":
        return f"p-value {number(about_live[0].value)}"
    if watch.detected == "drift_alarm" and about_live[0].value == 0:
        alarm = figures.value("drift_alarm")
        return "no single feature, but what they share" if alarm else "no feature moved"
    return f"{percent(about_live[0].value)} {watch.words}"


def _show_diagnosis(figures: MetricSamples) -> None:
    """Which kind of change it is, and what to do."""
    kinds = [one.labels["kind"] for one in figures.find("diagnosis") if one.value == 1]
    if kinds and kinds[0] in DIAGNOSES:
        st.markdown(DIAGNOSES[kinds[0]])


def _show_moves(figures: MetricSamples) -> None:
    """What drifted in the latest window, in words: `depth` is 0.31 sd higher since 14:10."""
    moved = sorted(figures.find("drift_change"), key=lambda sample: -sample.value)
    for sample in moved[:MOST_MOVES]:
        feature = sample.labels["feature"]
        since = figures.value("drift_since_timestamp_seconds", feature=feature)
        when = f", first found {ago(since)}" if since else ", in the latest window alone so far"
        amount = f"{sample.value:.2f} {sample.labels['change']}"
        st.markdown(f"- **{plain(feature)}**: {plain(amount)}{when}")
    if len(moved) > MOST_MOVES:
        st.markdown(f":gray[and {len(moved) - MOST_MOVES} more]")


def _show_features(figures: MetricSamples) -> None:
    """The features that drifted come first, then by their score beside the threshold."""
    rows = []
    for sample in figures.find("drift_score"):
        feature = sample.labels["feature"]
        threshold = figures.value("drift_threshold", feature=feature)
        drifted = figures.value("drift_detected", feature=feature) == 1
        rows.append(
            {
                "feature": feature,
                "drifted": "drifted" if drifted else "",
                "score": sample.value,
                "threshold": threshold,
                "method": sample.labels.get("method", ""),
            }
        )
    if rows:
        with st.expander("Feature by feature"):
            st.dataframe(sorted(rows, key=lambda row: not row["drifted"]), hide_index=True)
