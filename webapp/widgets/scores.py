"""A row of scores, each beside what it was."""

from collections.abc import Mapping

import streamlit as st

from webapp.widgets.formats import percent

TITLES = {
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
}


def show_scores(scores: Mapping[str, float | None], before: Mapping[str, float | None]) -> None:
    with st.container(horizontal=True):
        for name, title in TITLES.items():
            if scores.get(name) is not None:
                _show_score(title, scores[name], before.get(name))


def _show_score(title: str, value: float | None, was: float | None) -> None:
    change = None if value is None or was is None else round(100 * (value - was), 1)
    st.metric(
        title,
        percent(value),
        "no change" if change == 0 else change and f"{change:+.1f} points",
        delta_color="normal" if change else "off",
        delta_arrow="auto" if change else "off",
        border=True,
        height="stretch",
    )
