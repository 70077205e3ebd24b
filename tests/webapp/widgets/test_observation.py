"""What was observed, as people write it."""

import pytest
import streamlit as st

from webapp.widgets.observation import write_value


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (4.0, "4", "4"),
        (1988.0, "1988", "1988"),
        (74.78, "74.78", "74,78"),
        (True, "yes", "oui"),
        ("Lyon", "Lyon", "Lyon"),
        (None, "unknown", "inconnu"),
    ],
)
def test_a_value_is_shown_as_in_the_language_of_the_page(monkeypatch, value, english, french):
    for language, text in (("en", english), ("fr", french)):
        monkeypatch.setitem(st.session_state, "language", language)
        assert write_value(value) == text
