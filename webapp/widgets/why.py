"""Explains a prediction on demand: bars for what spoke for it and against it, and a sentence."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from webapp.client.records import Contribution, Explanation
from webapp.client.schema import Value
from webapp.client.serving import Client, ServingError
from webapp.texts import join_parts, say
from webapp.widgets.formats import number, percent, plain, points
from webapp.widgets.layers import draw_layer
from webapp.widgets.pictures import show_picture
from webapp.widgets.why_map import SIDE, draw_map, is_picture

MOST_BARS, NAMED = 10, 3
FOR, AGAINST = "#0f9d8a", "#d97706"
BAR_HEIGHT = 24
AXIS = {"ticks": False, "domain": False, "labelLimit": 200}


def show_why(client: Client, prediction_id: str, known: dict[str, Explanation]) -> None:
    """A button, then the explanation. `known` keeps explanations while the page is open."""
    if prediction_id not in known:
        place = st.empty()
        if not place.button(say("Why?"), key=f"why-{prediction_id}", icon=":material/lightbulb:"):
            return
        try:
            with place, st.spinner(say("Comparing with rows that the model has not seen …")):
                known[prediction_id] = client.explain(prediction_id)
        except ServingError as error:
            st.warning(plain(str(error)))
            return
    found = known[prediction_id]
    if is_picture(found.contributions):
        colours = say("Green speaks for it, orange against it.")
        st.markdown(f"{_tell_probability(found)} {colours}")
        _show_map(client, prediction_id, found)
        return
    st.markdown(tell(found))
    st.vega_lite_chart(draw(found), key=f"why-bars-{prediction_id}")


def _show_map(client: Client, prediction_id: str, found: Explanation) -> None:
    try:
        picture = client.picture(prediction_id)
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    if picture is not None:
        show_picture(draw_map(found.contributions, picture), say("Why?"), SIDE)


def tell(found: Explanation) -> str:
    """The most important features in a sentence."""
    ranked = sorted(found.contributions, key=lambda one: -abs(one.contribution))
    ahead = [_name(one) for one in ranked[:MOST_BARS] if one.contribution > 0][:NAMED]
    behind = [_name(one) for one in ranked[:MOST_BARS] if one.contribution < 0][:NAMED]
    parts = [_tell_probability(found)]
    if ahead:
        parts.append(say("For it speak {names}.", names=", ".join(ahead)))
    if behind:
        parts.append(say("Against it speak {names}.", names=", ".join(behind)))
    return " ".join(parts)


def _tell_probability(found: Explanation) -> str:
    said = f"**{plain(found.label)}**, {percent(found.probability)}"
    usual = percent(found.baseline)
    without = say("if nothing were known of it, it would be {share}", share=usual)
    return f"{join_parts((said, without))}."


def _name(one: Contribution) -> str:
    value = "" if one.value is None else f" ({_write(one.value)})"
    return plain(f"{one.feature}{value}")


def _write(value: Value) -> str:
    return number(value) if isinstance(value, float) else str(value)


def draw(found: Explanation) -> Any:
    ranked = sorted(found.contributions, key=lambda one: -abs(one.contribution))[:MOST_BARS]
    rows = [_row(one) for one in ranked]
    names = [row["feature"] for row in rows]
    colour = {"condition": {"test": {"field": "points", "gte": 0}, "value": FOR}, "value": AGAINST}
    encoding = {
        "x": {"field": "points", "type": "quantitative", "title": say("points of probability")},
        "y": {"field": "feature", "type": "nominal", "sort": names, "title": None, "axis": AXIS},
        "color": colour,
        "tooltip": [
            {"field": "feature", "type": "nominal", "title": say("feature")},
            {"field": "text", "type": "nominal", "title": say("adds")},
        ],
    }
    bars = {"type": "bar", "cornerRadius": 3, "height": {"band": 0.6}}
    return {"height": {"step": BAR_HEIGHT}, "layer": [draw_layer(bars, rows, encoding)]}


def _row(one: Contribution) -> Mapping[str, Any]:
    change = 100 * one.contribution
    name = one.feature if one.value is None else f"{one.feature} = {_write(one.value)}"
    return {
        "feature": name,
        "points": change,
        "text": say("{change} points", change=points(change)),
    }
