"""Shows the quality of predictions by feedback, and the quality of the data."""

import streamlit as st

from webapp.client.metrics_text import MetricSamples
from webapp.monitoring_page.judged_rows import find_judged
from webapp.texts import say, say_count
from webapp.widgets.formats import count, percent
from webapp.widgets.scores import show_scores
from webapp.widgets.table import Value, share_cell, show_table
from webapp.wording.reporting import say_check

MOST_LABELS = 40
SCORES = ("balanced_accuracy", "accuracy", "precision", "recall", "f1")


def show_quality(figures: MetricSamples) -> None:
    live, reference = (
        {name: figures.value("model_score", score=name, data=data) for name in SCORES}
        for data in ("live", "reference")
    )
    if all(value is None for value in live.values()):
        st.info(_say_too_few(figures))
    else:
        show_scores(live, reference)
        st.markdown(f":small[:gray[{_say_of_what(figures)}]]")
    show_expected(figures)


def _say_too_few(figures: MetricSamples) -> str:
    there, needed = (
        figures.value(f"reporting_{name}_rows", data="labelled") for name in ("window", "least")
    )
    if there is None or needed is None:
        return say("Too few labelled rows yet to say how good the model is.")
    return say(
        "Too few answered rows yet to say how good the model is: {there} of {needed}.",
        there=count(there),
        needed=count(needed),
    )


def _say_of_what(figures: MetricSamples) -> str:
    judged = find_judged(figures, "model_score_rows")
    if judged is None:
        return say("Compared with the reference.")
    return say(
        "Of the {rows} latest answered rows, {predicted}; compared with the reference.",
        rows=count(judged.rows),
        predicted=judged.predicted_by,
    )


def show_expected(figures: MetricSamples) -> None:
    """The accuracy expected from confidence, for predictions without labels."""
    expected = figures.value("model_score", score="accuracy", data="expected")
    if expected is None:
        return
    error = figures.value("model_expected_error") or 0.0
    coverage = figures.value("label_coverage_share") or 0.0
    told = say_count(
        "Expected without labels: accuracy **{accuracy}**, give or take {error} point. "
        "{share} of the latest predictions have no label yet.",
        "Expected without labels: accuracy **{accuracy}**, give or take {error} points. "
        "{share} of the latest predictions have no label yet.",
        round(2 * error * 100),
        accuracy=percent(expected),
        error=f"{2 * error * 100:.0f}",
        share=percent(1 - coverage),
    )
    help_text = say(
        "From how sure the model is, and how often it was right when it was as sure. It does "
        "not see when the same inputs come to mean something else."
    )
    st.markdown(told, help=help_text)
    _show_labels(figures)


def _show_labels(figures: MetricSamples) -> None:
    """The scores of each label, measured by feedback and expected from confidence."""
    names = [one.labels["label"] for one in figures.find("model_class_score")]
    if not names:
        return
    rows: list[dict[str, Value]] = [
        {say("label"): label, **_label_scores(figures, label)} for label in dict.fromkeys(names)
    ]
    with st.expander(say("By label")):
        show_table(say("By label"), rows[:MOST_LABELS])


def _label_scores(figures: MetricSamples, label: str) -> dict[str, Value]:
    wanted = {
        say("precision"): ("precision", "live"),
        say("precision, expected"): ("precision", "expected"),
        say("recall"): ("recall", "live"),
        say("recall, expected"): ("recall", "expected"),
    }
    return {
        title: share_cell(figures.value("model_class_score", label=label, score=score, data=data))
        for title, (score, data) in wanted.items()
    }


def show_data_quality(figures: MetricSamples) -> None:
    samples = [one for one in figures.find("data_quality_share") if one.value > 0]
    if not samples:
        return
    rows: list[dict[str, Value]] = [
        {
            say("feature"): one.labels["feature"],
            say("check"): say_check(one.labels["check"]),
            say("share"): share_cell(one.value),
        }
        for one in sorted(samples, key=lambda one: -one.value)
    ]
    st.markdown(f"**{say('Data quality')}**")
    show_table(say("Data quality"), rows)
