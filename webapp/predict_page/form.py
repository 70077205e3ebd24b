"""The form of a tabular dataset: a widget with its range and example for each feature."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from webapp.client.observations import Row
from webapp.client.schema import Feature, Schema, Value
from webapp.predict_page.feature_groups import group_features
from webapp.session import Session
from webapp.widgets.formats import number, plain

HINT = "Shown are an example and the range that was learned from. Empty means unknown."
DATE_HINT = ":small[:gray[such as 2026-01-31]]"
ACROSS = 3  # widgets in a line
LARGEST_INTEGER = 2**53 - 1  # beyond it a browser's numbers lose digits


def show_form(schema: Schema, visit: Session) -> None:
    """Each change is kept at once: neither another page nor an absent serving loses it."""
    st.markdown(f":small[:gray[{HINT}]]")
    groups = group_features(schema.features)
    if len(groups) == 1:
        _show_widgets(schema, groups[0][1], visit)
    else:
        for tab, (_, features) in zip(st.tabs([title for title, _ in groups]), groups, strict=True):
            with tab:
                _show_widgets(schema, features, visit)
    with st.container(horizontal=True):
        st.button("Predict", type="primary", on_click=_ask, args=(schema, visit), key="predict")
        st.button("Back to the example", on_click=_reset, args=(schema,), type="tertiary")


def _ask(schema: Schema, visit: Session) -> None:
    """Reads the widgets themselves: the last change may come along with the click."""
    for feature in schema.features:
        visit.fields[feature.name] = st.session_state[_key(schema, feature)]
    visit.ask(Row({feature.name: visit.fields[feature.name] for feature in schema.features}))


def _reset(schema: Schema) -> None:
    for feature in schema.features:
        st.session_state[_key(schema, feature)] = start_value(feature)


def _key(schema: Schema, feature: Feature) -> str:
    return f"{schema.embedding_id}:{feature.name}"


def _show_widgets(schema: Schema, features: Sequence[Feature], visit: Session) -> None:
    """Line by line, so that the order stays right where columns are stacked."""
    for start in range(0, len(features), ACROSS):
        line = features[start : start + ACROSS]
        for column, feature in zip(st.columns(ACROSS), line, strict=False):
            with column:
                _show_widget(_key(schema, feature), feature, visit)


def _show_widget(key: str, feature: Feature, visit: Session) -> None:
    if key not in st.session_state:  # shown for the first time, or again after another page
        st.session_state[key] = visit.fields.get(feature.name, start_value(feature))
    visit.fields[feature.name] = _draw(key, feature)


def start_value(feature: Feature) -> Value:
    """The example as the widget's type wants it; None is unknown."""
    if feature.example is None or feature.type in ("boolean", "category", "date", "text"):
        return feature.example
    return int(feature.example) if _is_whole(feature) else float(feature.example)


def _is_whole(feature: Feature) -> bool:
    ends = (feature.minimum or 0, feature.maximum or 0)
    return feature.type == "integer" and all(abs(end) < LARGEST_INTEGER for end in ends)


def _draw(key: str, feature: Feature) -> Value:
    name = plain(feature.name.replace("_", " "))
    if feature.type == "boolean":
        return _draw_choice(key, name, (True, False), {True: "yes", False: "no"})
    if feature.type == "category":
        return _draw_choice(key, name, feature.categories, {})
    if feature.type == "date":
        return st.text_input(f"{name} {DATE_HINT}", key=key, placeholder="unknown") or None
    if feature.type == "text":
        return st.text_area(name, key=key, placeholder="unknown") or None
    whole = _is_whole(feature)
    return st.number_input(
        name + _range(feature),
        value=None,
        key=key,
        step=1 if whole else _step(feature),
        format=None if whole else "%.6g",
        placeholder="unknown",
    )


def _draw_choice(key: str, name: str, choices: Sequence[Any], words: dict[Any, str]) -> Value:
    chosen: Value = st.selectbox(
        name,
        choices,
        index=None,
        key=key,
        format_func=lambda choice: words.get(choice, str(choice)),
        placeholder="unknown",
        accept_new_options=not words,
    )
    return chosen


def _range(feature: Feature) -> str:
    if feature.minimum is None or feature.maximum is None:
        return ""
    return f" :small[:gray[{plain(number(feature.minimum))} to {plain(number(feature.maximum))}]]"


def _step(feature: Feature) -> float:
    """A hundredth of the range, rounded to one digit."""
    if feature.minimum is None or feature.maximum is None or feature.maximum <= feature.minimum:
        return 1.0
    return float(f"{(feature.maximum - feature.minimum) / 100:.0e}")
