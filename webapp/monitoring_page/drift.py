"""Shows the metrics of reporting: what drifted, by how much, and quality by feedback."""

from dataclasses import dataclass

import streamlit as st

from webapp.client.metrics_text import MetricSamples, MetricsUnavailable, fetch_metrics
from webapp.monitoring_page.judged_rows import find_judged, say_errors
from webapp.monitoring_page.quality import show_data_quality, show_quality
from webapp.texts import mark, say
from webapp.widgets.formats import ago, count, named, number, percent, plain
from webapp.widgets.table import Value, show_table
from webapp.wording.reporting import say_change

DIAGNOSES = {
    "damage": mark("**Damaged data.** Mend what sends them; a retraining would learn the damage."),
    "concept": mark(
        "**Concept drift.** More is wrong than confidence foretold. Label recent rows: the next "
        "retraining learns what inputs mean now."
    ),
    "target": mark(
        "**Target drift.** True labels have other shares. The next retraining learns them."
    ),
    "covariate": mark(
        "**Covariate shift.** Other inputs than in training, and not more is wrong than the "
        "model's confidence foretells. Label some of these rows, so that the next retraining "
        "knows them."
    ),
}
MOST_MOVES = 5
LEAST_SHARE, LEAST_P_VALUE = 0.001, 0.0001  # smaller values are written as "less than"

EARLIER = mark("Errors rose before; it is not sure yet that this is over.")


@dataclass(frozen=True)
class Watch:
    """A kind of drift, its metrics, and what it means."""

    title: str
    detected: str
    insufficient: str
    evidence: str
    words: str
    meaning: str


WATCHES = (
    Watch(
        mark("Inputs"),
        "drift_alarm",
        "drift_insufficient",
        "drift_share",
        mark("{share} of the features drifted"),
        mark("Covariate drift: what is asked differs from what the model learned from."),
    ),
    Watch(
        mark("Predictions"),
        "prediction_drift_detected",
        "prediction_drift_insufficient",
        "prediction_drift_p_value",
        "p-value",
        mark("The shares of the predicted labels differ from the reference."),
    ),
    Watch(
        mark("True labels"),
        "target_drift_detected",
        "target_drift_insufficient",
        "target_drift_p_value",
        "p-value",
        mark("Target drift: the shares of the true labels differ from the reference."),
    ),
    Watch(
        mark("Concept"),
        "concept_drift_detected",
        "concept_drift_insufficient",
        "concept_error_rate",
        mark("{share} of the latest answered are wrong, {expected} were expected"),
        mark("Concept drift: the same inputs mean something else than before."),
    ),
)


def show_drift(address: str) -> MetricSamples | None:
    """Returns the metrics, None if there are none."""
    st.header(say("Drift"))
    try:
        figures = fetch_metrics(address)
    except MetricsUnavailable as error:
        st.info(f"{plain(str(error))} {say('It brings the figures of drift and quality.')}")
        return None
    _show_freshness(figures)
    with st.container(horizontal=True):
        for watch in WATCHES:
            _show_watch(watch, figures)
    _show_diagnosis(figures)
    _show_moves(figures)
    _show_features(figures)
    st.header(say("Quality on live feedback"))
    show_quality(figures)
    show_data_quality(figures)
    return figures


def _show_freshness(figures: MetricSamples) -> None:
    moment = figures.value("reporting_last_pass_timestamp_seconds")
    names = {
        "predictions": say("predictions"),
        "labelled": say("with an answer"),
        "reference": say("of the reference"),
    }
    rows = {
        words: figures.value("reporting_window_rows", data=name) for name, words in names.items()
    }
    counts = ", ".join(f"{count(many)} {name}" for name, many in rows.items() if many is not None)
    when = say("Computed {when}", when=ago(moment)) if moment else say("No pass has ended yet")
    st.markdown(f":gray[{named(when, counts) if counts else when}]")


def _show_watch(watch: Watch, figures: MetricSamples) -> None:
    found = [sample.value for sample in figures.find(watch.detected)]
    with st.container(border=True, gap="small", height="stretch"):
        st.markdown(say(watch.title), help=say(watch.meaning))
        if figures.value(watch.insufficient) == 1:
            st.markdown(f"### :gray[{_how_few(watch, figures)}]")
        elif not found:
            st.markdown(f"### :gray[{say('not known')}]")
        elif any(found):
            st.markdown(f"### :red[{say('drifted')}]")
        else:
            st.markdown(f"### :green[{say('steady')}]")
        st.markdown(f":small[:gray[{_evidence(watch, figures)}]]")


def _how_few(watch: Watch, figures: MetricSamples) -> str:
    """How many rows there are and how many are needed."""
    data = "labelled" if watch.detected.startswith(("target", "concept")) else "predictions"
    found = [figures.value(f"reporting_{name}_rows", data=data) for name in ("window", "least")]
    if watch.detected.startswith("target"):  # tests of shares need as many rows as those of inputs
        found[1] = figures.value("reporting_least_rows", data="predictions")
    there, needed = found
    if there is None or needed is None:
        return say("too few rows")
    words, reference = mark("too few rows: {there} of {needed}"), figures.reference_rows
    if there >= needed and reference is not None and reference < needed:
        words, there = mark("too few rows of the reference: {there} of {needed}"), reference
    return say(words, there=count(there), needed=count(needed))


def _evidence(watch: Watch, figures: MetricSamples) -> str:
    found = figures.find(watch.evidence)
    about_live = [sample for sample in found if sample.labels.get("data", "live") == "live"]
    if not about_live:
        return say("no figure yet")
    if watch.words == "p-value":
        return _say_p_value(about_live[0].value)
    share = about_live[0].value
    if watch.detected == "drift_alarm" and share < LEAST_SHARE:
        return _say_no_share(share, bool(figures.value("drift_alarm")))
    expected = percent(figures.value(watch.evidence, data="expected"))
    judged = find_judged(figures, "concept_judged_rows")
    if judged is not None and watch.evidence == "concept_error_rate":
        told = say_errors(judged, share, expected)
        return f"{say(EARLIER)} {told}" if _was_earlier(watch, figures, share) else told
    return say(watch.words, share=percent(share), expected=expected)


def _was_earlier(watch: Watch, figures: MetricSamples, share: float) -> bool:
    """Whether the alarm holds although the latest rows do not show why."""
    expected = figures.value(watch.evidence, data="expected")
    return figures.value(watch.detected) == 1 and expected is not None and share <= expected


def _say_p_value(value: float) -> str:
    if value < LEAST_P_VALUE:
        return say("p-value below {value}", value=number(LEAST_P_VALUE))
    return say("p-value {value}", value=number(float(f"{value:.2g}")))


def _say_no_share(share: float, alarm: bool) -> str:
    """Words for a share that would read 0.0 %."""
    if share > 0:
        return say("fewer than {share} of the features drifted", share=percent(LEAST_SHARE))
    return say("no single feature, but what they share") if alarm else say("no feature moved")


def _show_diagnosis(figures: MetricSamples) -> None:
    """Shows which kind of change it is and what to do."""
    kinds = [one.labels["kind"] for one in figures.find("diagnosis") if one.value == 1]
    if kinds and kinds[0] in DIAGNOSES:
        st.markdown(say(DIAGNOSES[kinds[0]]))


def _show_moves(figures: MetricSamples) -> None:
    """Shows the drift in the latest window in words: `depth` is 0.31 sd higher since 14:10."""
    moved = figures.moves()
    for sample in moved[:MOST_MOVES]:
        feature = sample.labels["feature"]
        since = figures.value("drift_since_timestamp_seconds", feature=feature)
        alone = say("in the latest window alone so far")
        when = say("first found {when}", when=ago(since)) if since else alone
        amount = f"{number(round(sample.value, 2))} {say_change(sample.labels['change'])}"
        st.markdown(f"- {named(f'**{plain(feature)}**', f'{plain(amount)}, {when}')}")
    if len(moved) > MOST_MOVES:
        st.markdown(f":gray[{say('and {number} more', number=len(moved) - MOST_MOVES)}]")


def _show_features(figures: MetricSamples) -> None:
    """Shows the features: the drifted ones first, then by score relative to the threshold."""
    rows: list[dict[str, Value]] = []
    for sample in figures.find("drift_score"):
        feature = sample.labels["feature"]
        threshold = figures.value("drift_threshold", feature=feature)
        drifted = figures.value("drift_detected", feature=feature) == 1
        rows.append(
            {
                say("feature"): feature,
                say("drifted"): say("drifted") if drifted else "",
                say("score"): sample.value,
                say("threshold"): threshold,
                say("method"): sample.labels.get("method", ""),
            }
        )
    if rows:
        with st.expander(say("Feature by feature")):
            drifted_first = sorted(rows, key=lambda row: not row[say("drifted")])
            show_table(say("Feature by feature"), drifted_first)
