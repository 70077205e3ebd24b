"""The form for a row of a table: a widget for each feature, with its range and example."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from webapp.client.observations import Row
from webapp.client.schema import Feature, Schema, Value
from webapp.predict_page.feature_groups import group_features
from webapp.predict_page.field_values import (
    in_language,
    understand,
    with_point,
    write_date,
    write_example,
)
from webapp.session import Session
from webapp.texts import current_language, mark, say
from webapp.widgets.formats import label, number, plain

HINT = mark("An example is filled in; below it is what was learned from. Empty means unknown.")
ACROSS = 3  # widgets in a line
SHOWN_WORDS = 4


def show_form(schema: Schema, visit: Session) -> None:
    """Keeps each change at once, so another page or an absent serving does not lose it."""
    st.markdown(f":small[:gray[{say(HINT)}]]")
    groups = group_features(schema.features)
    if len(groups) == 1:
        _show_widgets(schema, groups[0][1], visit)
    else:
        for tab, (_, features) in zip(st.tabs([title for title, _ in groups]), groups, strict=True):
            with tab:
                _show_widgets(schema, features, visit)
    with st.container(horizontal=True):
        st.button(
            say("Predict"), type="primary", on_click=_ask, args=(schema, visit), key="predict"
        )
        st.button(say("Back to the example"), on_click=_reset, args=(schema,), type="tertiary")


def _ask(schema: Schema, visit: Session) -> None:
    """Reads the widgets, because the last change may arrive together with the click."""
    for feature in schema.features:
        key = _key(schema, feature)
        visit.fields[feature.name] = entered = with_point(feature, st.session_state[key])
        st.session_state[key] = in_language(feature, entered)
    visit.ask(Row({one.name: understand(one, visit.fields[one.name]) for one in schema.features}))


def _reset(schema: Schema) -> None:
    for feature in schema.features:
        st.session_state[_key(schema, feature)] = in_language(feature, write_example(feature))


def _key(schema: Schema, feature: Feature) -> str:
    """A key for each language, so that a change of language formats the value anew."""
    return f"{schema.embedding_id}:{current_language()}:{feature.name}"


def _show_widgets(schema: Schema, features: Sequence[Feature], visit: Session) -> None:
    """Lay widgets out line by line, which keeps their order where columns are stacked."""
    for start in range(0, len(features), ACROSS):
        line = features[start : start + ACROSS]
        for column, feature in zip(st.columns(ACROSS), line, strict=False):
            with column:
                _show_widget(_key(schema, feature), feature, visit)


def _show_widget(key: str, feature: Feature, visit: Session) -> None:
    if key not in st.session_state:  # shown for the first time, or again after another page
        known = visit.fields.get(feature.name, write_example(feature))
        st.session_state[key] = in_language(feature, known)
    with st.container(gap="xxsmall"):  # not in the label, which screen readers read as it is
        visit.fields[feature.name] = with_point(feature, _draw(key, feature))
        if hint := _hint(feature):
            st.markdown(f":small[:gray[{plain(hint)}]]")


def _draw(key: str, feature: Feature) -> Value:
    name = label(feature.name.replace("_", " "))
    if feature.type == "boolean":
        return _draw_choice(key, name, (True, False), {True: say("yes"), False: say("no")})
    if feature.type == "category":
        return _draw_choice(key, name, feature.categories, {})
    draw = st.text_area if feature.type == "text" else st.text_input
    return draw(name, key=key, placeholder=say("unknown")) or None


def _draw_choice(key: str, name: str, choices: Sequence[Any], words: dict[Any, str]) -> Value:
    chosen: Value = st.selectbox(
        name,
        choices,
        index=None,
        key=key,
        format_func=lambda choice: words.get(choice, str(choice)),
        placeholder=say("unknown"),
        accept_new_options=not words,
    )
    return chosen


def _hint(feature: Feature) -> str:
    """The range in training; for a text its most telling words, unless a network reads it."""
    if feature.type == "text" and feature.example is not None:
        return say("words such as {words}", words=", ".join(feature.categories[:SHOWN_WORDS]))
    if feature.minimum is None or feature.maximum is None:
        return ""
    ends = (feature.minimum, feature.maximum)
    if feature.type == "date":
        first, last = (write_date(end, feature.order) for end in ends)
    else:
        first, last = map(number, ends)
    return say("learned from {first} to {last}", first=first, last=last)
