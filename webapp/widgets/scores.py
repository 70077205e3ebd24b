"""Shows a row of scores, each with its previous value."""

from collections.abc import Mapping

import streamlit as st

from webapp.texts import mark, say
from webapp.widgets.formats import percent, points

TITLES = {
    "balanced_accuracy": mark("Balanced accuracy"),
    "accuracy": mark("Accuracy"),
    "precision": mark("Precision"),
    "recall": mark("Recall"),
    "f1": mark("F1"),
}


def show_scores(scores: Mapping[str, float | None], before: Mapping[str, float | None]) -> None:
    with st.container(horizontal=True):
        for name, title in TITLES.items():
            if scores.get(name) is not None:
                _show_score(say(title), scores[name], before.get(name))


def _show_score(title: str, value: float | None, was: float | None) -> None:
    change = None if value is None or was is None else round(100 * (value - was), 1)
    st.metric(
        title,
        percent(value),
        say("no change")
        if change == 0
        else change and say("{change} points", change=points(change)),
        delta_color="normal" if change else "off",
        delta_arrow="auto" if change else "off",
        border=True,
        height="stretch",
    )


def _say_change(change: float | None) -> str | None:
    if change is None:
        return None
    return say("{change} points", change=points(change)) if change else say("no change")
