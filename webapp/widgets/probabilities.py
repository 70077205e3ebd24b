"""The probabilities of a prediction, as bars."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from webapp.texts import say
from webapp.widgets.formats import percent
from webapp.widgets.layers import draw_layer

MOST_BARS = 12
BAR_HEIGHT = 26
ROOM = {"domain": [0, 1.14]}  # for the text behind the longest bar
PLAIN = {"ticks": False, "domain": False}


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
    bars = {"type": "bar", "cornerRadiusEnd": 4, "height": {"band": 0.62}}
    texts = {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "color": "#868b90"}
    hit = {"test": {"field": "label", "equal": label}, "value": colour}
    shared = {
        "x": {"field": "share", "type": "quantitative", "scale": ROOM, "axis": None},
        "y": {"field": "label", "type": "nominal", "sort": names, "title": None, "axis": PLAIN},
        "tooltip": [
            {"field": "label", "type": "nominal", "title": say("label")},
            {"field": "text", "type": "nominal", "title": say("probability")},
        ],
    }
    return {
        "height": {"step": BAR_HEIGHT},
        "padding": 0,
        "layer": [
            draw_layer(bars, rows, shared | {"color": {"condition": hit, "value": "#9aa0a6"}}),
            draw_layer(texts, rows, shared | {"text": {"field": "text", "type": "nominal"}}),
        ],
    }
