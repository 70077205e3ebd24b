"""Shows the traffic lights, and charts over time. This page opens first."""

import contextlib
import time

import streamlit as st

from webapp.client.metrics_text import MetricSamples, MetricsUnavailable, fetch_metrics
from webapp.client.serving import Client, ServingError
from webapp.overview_page.curves import show_curves
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
from webapp.widgets.formats import plain
from webapp.widgets.offline_notice import show_offline_notice

WEEK = 7 * 86_400  # the period of the lights
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
    visit.refresh_model(client)
    st.title(say("Overview"))
    show_offline_notice(client, visit)
    st.fragment(_show_lights, run_every=EVERY_SECONDS)(client)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            say("How far back"),
            list(SPANS),
            default="Day",
            key="span",
            format_func=say,
            required=True,
        )
        label = st.selectbox(
            say("Predictions of"),
            [None, *(visit.schema.labels if visit.schema else ())],
            format_func=lambda one: say("all labels") if one is None else one,
            key="label",
            width=260,
        )
    st.fragment(show_curves, run_every=EVERY_SECONDS)(client, SPANS[chosen], label)


def _show_lights(client: Client) -> None:
    """Refreshes itself, for screens that stay open. A part that fails does not hide the others."""
    figures, ready, trouble, loop = None, None, "", None
    known = None
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
    with st.container(key="verdict"):
        st.markdown(f"## {plain(sum_up(lights, _diagnosis(figures)))}")
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
