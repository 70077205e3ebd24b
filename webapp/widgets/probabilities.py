"""The probabilities of a prediction, as bars."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import streamlit as st

from webapp.texts import say
from webapp.widgets.formats import percent

MOST_BARS = 12
BAR_HEIGHT = 26


def say_sure(confidence: float, version: str) -> str:
    sure = say("{share} sure", share=percent(confidence))
    return f"{sure} · {say('version {version}', version=version)}"


def draw_bars(probabilities: Mapping[str, float], label: str) -> Any:
    """The probabilities in the labels' order; of many labels only the most probable."""
    shown = sorted(probabilities, key=lambda name: -probabilities[name])[:MOST_BARS]
    names = [name for name in probabilities if name in shown]
    rows = [
        {"label": name, "share": probabilities[name], "text": percent(probabilities[name])}
        for name in names
    ]
    colour = st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor")
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("label:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("label:N", title=say("label")),
            alt.Tooltip("text:N", title=say("probability")),
        ],
    )
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1.14]), axis=None)
    hit = alt.datum.label == label
    bars = base.mark_bar(cornerRadiusEnd=4, height={"band": 0.62}).encode(
        x=x, color=alt.when(hit).then(alt.value(colour)).otherwise(alt.value("#9aa0a6"))
    )
    texts = base.mark_text(align="left", dx=6, fontSize=12, color="#868b90").encode(
        x=x, text="text:N"
    )
    return (bars + texts).properties(height=alt.Step(BAR_HEIGHT), padding=0)
