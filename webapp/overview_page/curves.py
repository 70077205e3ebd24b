"""Shows quality, predictions, drift and failed requests over a period."""

import time
from collections.abc import Mapping

import streamlit as st

from webapp.charts.counts import draw_drift, draw_errors, draw_predictions
from webapp.charts.quality import draw_quality
from webapp.client.history import History, LabelQuality
from webapp.client.serving import Client, ServingError
from webapp.texts import mark, say, say_count
from webapp.widgets.formats import count, percent, plain
from webapp.widgets.table import Value, share_cell, show_table


def show_curves(client: Client, seconds: int, label: str | None) -> None:
    try:
        now = time.time()
        history = client.history(now - seconds, now, label)
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    if history.points:
        _draw(history)
    else:
        st.info(say("No predictions in this time. Make one on the page Predict."))
    if history.errors:
        _draw_errors(history)


def _draw(history: History) -> None:
    total = history.total
    st.header(say("Quality"))
    told = [
        say_count(
            "{rows} prediction",
            "{rows} predictions",
            total.predictions,
            rows=count(total.predictions),
        ),
        say("{rows} with an answer", rows=count(total.labelled)),
    ]
    if total.to_come is not None:
        told.append(say("{share} still to come", share=percent(total.to_come)))
    dashed = say("Dashed lines are decisions about the model.")
    st.markdown(f":gray[{', '.join(told)}. {dashed}]")
    st.vega_lite_chart(draw_quality(history), key="quality-curve")
    st.header(say("Predictions"))
    st.vega_lite_chart(draw_predictions(history), key="predictions-curve")
    if any(point.features for point in history.drift):
        st.header(say("Drifted features"))
        st.vega_lite_chart(draw_drift(history), key="drift-curve")
    with st.expander(say("By label")):
        _show_labels(history.labels)


def _draw_errors(history: History) -> None:
    st.header(say("Requests without an answer"))
    refused, failed = (
        sum(getattr(point, name) for point in history.errors) for name in ("refused", "failed")
    )
    told = mark("Refused for what they held: {refused}. Failed here: {failed}.")
    st.markdown(f":gray[{say(told, refused=count(refused), failed=count(failed))}]")
    st.vega_lite_chart(draw_errors(history), key="errors-curve")


def _show_labels(labels: Mapping[str, LabelQuality]) -> None:
    """A table of expected and measured precision for each label."""
    rows: list[dict[str, Value]] = [
        {
            say("label"): label,
            say("predicted"): one.predicted,
            say("right, expected"): share_cell(one.expected_precision),
            say("right, by answers"): share_cell(one.precision),
            say("found, by answers"): share_cell(one.recall),
            say("answers"): one.actual,
        }
        for label, one in labels.items()
    ]
    show_table(say("By label"), rows)
