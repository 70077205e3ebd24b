"""The page that opens first: is it well, and how did it go."""

import contextlib
import time
from collections.abc import Mapping

import streamlit as st

from webapp.client.history import History, LabelQuality, Quality
from webapp.client.metrics_text import MetricSamples, MetricsUnavailable, fetch_metrics
from webapp.client.serving import Client, ServingError
from webapp.overview_page.curves import draw_drift, draw_predictions, draw_quality
from webapp.overview_page.lights import (
    Light,
    judge_inputs,
    judge_loop,
    judge_quality,
    judge_service,
    sum_up,
)
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import count, percent, plain
from webapp.widgets.offline_notice import show_offline_notice

WEEK = 7 * 86_400  # the lights look so far back
SPANS = {
    mark("Hour"): 3_600,
    mark("Day"): 86_400,
    mark("Week"): 7 * 86_400,
    mark("Month"): 30 * 86_400,
}
SIGNS = {
    "green": ":green[:material/check_circle:]",
    "orange": ":orange[:material/warning:]",
    "red": ":red[:material/error:]",
    "gray": ":gray[:material/help:]",
}
LINKS = {"model": mark("Model"), "monitoring": mark("Monitoring")}
EVERY_SECONDS = 15.0


def show(client: Client, visit: Session) -> None:
    visit.look(client)
    st.title(say("Overview"))
    show_offline_notice(client, visit)
    st.fragment(_show_lights, run_every=EVERY_SECONDS)(client)
    chosen = st.segmented_control(
        say("How far back"), list(SPANS), default="Day", key="span", format_func=say
    )
    st.fragment(_show_curves, run_every=EVERY_SECONDS)(client, SPANS[chosen or "Day"])


def _show_lights(client: Client) -> None:
    """Renews itself, for it is left open on a screen. Each part may be missing without the rest."""
    figures, ready, trouble, loop = None, None, "", None
    known = Quality(0, None, None, 0, None, None, None)
    with contextlib.suppress(MetricsUnavailable):
        figures = fetch_metrics(client.settings.reporting)
    try:
        ready, now = client.ready(), time.time()
        known, loop = client.history(now - WEEK, now).total, client.loop()
    except ServingError as error:
        trouble = str(error)
    lights = [
        judge_service(ready, trouble),
        judge_inputs(figures),
        judge_quality(figures, known),
        judge_loop(loop),
    ]
    st.markdown(f"#### {plain(sum_up(lights, _diagnosis(figures)))}")
    with st.container(horizontal=True, key="lights"):
        for light in lights:
            _show_light(light)


def _diagnosis(figures: MetricSamples | None) -> str:
    found = figures.find("diagnosis") if figures else []
    return next((one.labels["kind"] for one in found if one.value == 1), "")


def _show_light(light: Light) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        st.markdown(f"{SIGNS[light.colour]} **{say(light.title)}**")
        st.markdown(f":small[{plain(light.sentence)}.]")
        st.page_link(
            st.session_state.pages[light.page],
            label=say(LINKS[light.page]),
            icon=":material/arrow_forward:",
        )


def _show_curves(client: Client, seconds: int) -> None:
    try:
        now = time.time()
        history = client.history(now - seconds, now)
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    if history.points:
        _draw(history)
    else:
        st.info(say("No predictions in this time. Make one on the page Predict."))


def _draw(history: History) -> None:
    total = history.total
    st.subheader(say("Quality"))
    told = [
        say("{rows} predictions", rows=count(total.predictions)),
        say("{rows} with an answer", rows=count(total.labelled)),
    ]
    if total.to_come is not None:
        told.append(say("{share} still to come", share=percent(total.to_come)))
    dashed = say("Dashed lines are decisions about the model.")
    st.markdown(f":gray[{', '.join(told)}. {dashed}]")
    st.altair_chart(draw_quality(history), key="quality-curve")
    st.subheader(say("Predictions"))
    st.altair_chart(draw_predictions(history), key="predictions-curve")
    if any(point.features for point in history.drift):
        st.subheader(say("Drifted features"))
        st.altair_chart(draw_drift(history), key="drift-curve")
    with st.expander(say("By label")):
        _show_labels(history.labels)


def _show_labels(labels: Mapping[str, LabelQuality]) -> None:
    """Precision as expected and as known, side by side."""
    rows = [
        {
            say("label"): label,
            say("predicted"): one.predicted,
            say("right, expected"): percent(one.expected_precision),
            say("right, by answers"): percent(one.precision),
            say("found, by answers"): percent(one.recall),
            say("answers"): one.actual,
        }
        for label, one in labels.items()
    ]
    st.dataframe(rows, hide_index=True)
