"""Shows how good predictions were by the feedback, and how clean the data are."""

import streamlit as st

from webapp.client.metrics_text import MetricSamples
from webapp.widgets.scores import show_scores

SCORES = ("balanced_accuracy", "accuracy", "precision", "recall", "f1")


def show_quality(figures: MetricSamples) -> None:
    live, reference = (
        {name: figures.value("model_score", score=name, data=data) for name in SCORES}
        for data in ("live", "reference")
    )
    if all(value is None for value in live.values()):
        st.info("Too few labelled rows yet to say how good the model is.")
        return
    show_scores(live, reference)
    st.markdown(":small[:gray[Compared with the reference.]]")


def show_data_quality(figures: MetricSamples) -> None:
    samples = [one for one in figures.find("data_quality_share") if one.value > 0]
    if not samples:
        return
    rows = [
        {
            "feature": one.labels["feature"],
            "check": one.labels["check"].replace("_", " "),
            "share": one.value,
        }
        for one in sorted(samples, key=lambda one: -one.value)
    ]
    st.markdown("**Data quality**")
    percents = {"share": st.column_config.NumberColumn(format="percent")}
    st.dataframe(rows, hide_index=True, column_config=percents)
