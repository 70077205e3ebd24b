"""The form of a tabular dataset: a widget with its range and example for each feature."""

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from webapp.client.observations import Row
from webapp.client.schema import Feature, Schema, Value
from webapp.predict_page.feature_groups import group_features
from webapp.session import Session
from webapp.texts import current_language, mark, say
from webapp.widgets.formats import label, number, plain

HINT = mark("Shown are an example and the range that was learned from. Empty means unknown.")
PLAIN_NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d+)?([eE][-+]?\d{1,2})?", re.ASCII)
DECIMAL_COMMA = {
    "fr": re.compile(r"[-+]?\d{1,15},\d+", re.ASCII),
    "en": re.compile(r"[-+]?\d{1,15},(\d{1,2}|\d{4,})", re.ASCII),  # 1,234 may be a thousand
}
ACROSS = 3  # widgets in a line
SHOWN_WORDS = 4


def show_form(schema: Schema, visit: Session) -> None:
    """Each change is kept at once: neither another page nor an absent serving loses it."""
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
    """Reads the widgets themselves: the last change may come along with the click."""
    for feature in schema.features:
        key = _key(schema, feature)
        visit.fields[feature.name] = entered = _with_point(feature, st.session_state[key])
        st.session_state[key] = _in_language(feature, entered)
    visit.ask(Row({one.name: _understand(one, visit.fields[one.name]) for one in schema.features}))


def _understand(feature: Feature, entered: Value) -> Value:
    """A plain number is one; anything else serving reads as it read the file, and says so."""
    if isinstance(entered, str) and not entered.strip():
        return None
    if feature.type in ("number", "integer") and isinstance(entered, str):
        entered = entered.strip()
        if PLAIN_NUMBER.fullmatch(entered):
            return float(entered) if re.search(r"[.eE]", entered) else int(entered)
    return entered


def _with_point(feature: Feature, entered: Value) -> Value:
    """A number with a comma before its decimals, as who reads this language writes it."""
    if feature.type in ("number", "integer") and isinstance(entered, str):
        plain_text = entered.strip()
        if DECIMAL_COMMA[current_language()].fullmatch(plain_text):
            return plain_text.replace(",", ".")
    return entered


def _in_language(feature: Feature, value: Value) -> Value:
    """Its inverse."""
    french = current_language() == "fr" and feature.type in ("number", "integer")
    if french and isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
        return value.replace(".", ",")
    return value


def _reset(schema: Schema) -> None:
    for feature in schema.features:
        st.session_state[_key(schema, feature)] = _in_language(feature, start_value(feature))


def _key(schema: Schema, feature: Feature) -> str:
    """Another in each language: what was entered is shown anew, in its form."""
    return f"{schema.embedding_id}:{current_language()}:{feature.name}"


def _show_widgets(schema: Schema, features: Sequence[Feature], visit: Session) -> None:
    """Line by line, so that the order stays right where columns are stacked."""
    for start in range(0, len(features), ACROSS):
        line = features[start : start + ACROSS]
        for column, feature in zip(st.columns(ACROSS), line, strict=False):
            with column:
                _show_widget(_key(schema, feature), feature, visit)


def _show_widget(key: str, feature: Feature, visit: Session) -> None:
    if key not in st.session_state:  # shown for the first time, or again after another page
        known = visit.fields.get(feature.name, start_value(feature))
        st.session_state[key] = _in_language(feature, known)
    with st.container(gap="xxsmall"):  # no part of the label, which a screen reader says as it is
        visit.fields[feature.name] = _with_point(feature, _draw(key, feature))
        if hint := _hint(feature):
            st.markdown(f":small[:gray[{plain(hint)}]]")


def start_value(feature: Feature) -> Value:
    """The example as the widget's type wants it; None is unknown."""
    if feature.type == "text":
        return None  # its example is some words, and no text that somebody would write
    if feature.type in ("number", "integer") and feature.example is not None:
        return f"{feature.example:.15g}"  # typed text: serving reads it as it read the file
    return feature.example


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
    """What was learned from; of words the most telling, of which a network that reads has none."""
    if feature.type == "date":
        return say("such as 2026-01-31")
    if feature.type == "text" and feature.example is not None:
        return say("words such as {words}", words=", ".join(feature.categories[:SHOWN_WORDS]))
    if feature.minimum is None or feature.maximum is None:
        return ""
    ends = {"first": number(feature.minimum), "last": number(feature.maximum)}
    return say("{first} to {last}", **ends)
