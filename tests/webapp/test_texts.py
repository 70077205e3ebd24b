"""Both languages are whole, and the page speaks the one of its visitor."""

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.webapp.wording.page_texts import texts_of_page
from webapp.texts import LANGUAGES, join_parts, read_catalogue, say, say_count
from webapp.widgets.formats import ago, count, local_time, number, percent

PLACES = re.compile(r"{\w*}")
CATALOGUES = sorted(set(LANGUAGES) - {"en"})


@pytest.fixture
def french(monkeypatch):
    monkeypatch.setitem(st.session_state, "language", "fr")


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_text_is_missing_or_unused(language):
    said = {forms[0] for forms in texts_of_page()}
    assert said == set(read_catalogue(language))


@pytest.mark.parametrize("language", CATALOGUES)
def test_translations_name_the_same_values(language):
    for forms in texts_of_page():
        there = read_catalogue(language)[forms[0]]
        for text in (there,) if isinstance(there, str) else there:
            assert sorted(PLACES.findall(text)) == sorted(PLACES.findall(forms[-1])), text
            assert text, forms


def test_english_is_what_stands_in_the_code():
    assert say("Version {version} is live", version="0002") == "Version 0002 is live"
    assert say_count("{rows} row", "{rows} rows", 1, rows=1) == "1 row"


def test_french_has_its_words_and_its_forms(french):
    assert say("Version {version} is live", version="0002") == "La version 0002 est en ligne"
    assert say_count("{rows} row", "{rows} rows", 0, rows=0) == "0 ligne"
    assert say_count("{rows} row", "{rows} rows", 2, rows=2) == "2 lignes"


def test_numbers_and_times_have_the_form_of_the_language(french):
    assert percent(0.1234) == "12,3\u202f%"
    assert (count(12_345), number(25_010.5)) == ("12\u202f345", "25\u202f010,5")
    assert local_time(0.0) == "01/01/1970 00:00"
    assert ago(1_000_000 - 7_300, now=1_000_000) == "il y a 2 heures"


def test_a_semicolon_has_a_space_before_it_in_french(french):
    assert join_parts(["a", "b"]) == "a\u00a0; b"


def predict_page():
    import streamlit as st

    from webapp.client.serving import Client
    from webapp.predict_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    st.session_state["language"] = "fr"
    page.show(Client(load_settings()), current_session())


def test_an_error_of_serving_is_said_in_french(monkeypatch):
    monkeypatch.setenv("SERVING_URL", "http://127.0.0.1:9")
    app = AppTest.from_function(predict_page, default_timeout=30).run()
    assert app.title[0].value == "Prédire"
    assert "Le service ne répond pas" in app.warning[0].value
