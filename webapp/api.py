"""The web page: Streamlit's entry. Run it with `python -m streamlit run webapp/api.py`."""

import base64
import os
from functools import partial
from pathlib import Path

import streamlit as st

from webapp.client.serving import Client
from webapp.components.streamlit_words import speak_for_streamlit
from webapp.history_page.page import show as show_history_page
from webapp.model_page.page import show as show_model_page
from webapp.monitoring_page.page import show as show_monitoring_page
from webapp.overview_page.page import show as show_overview_page
from webapp.predict_page.page import show as show_predict_page
from webapp.review_page.page import show as show_review_page
from webapp.session import current_session
from webapp.settings import load_settings
from webapp.texts import LANGUAGES, current_language, say

HERE = Path(__file__).parent


def main() -> None:
    if Path.cwd() == HERE:  # as in the course: cd webapp && streamlit run api.py
        os.chdir(HERE.parent)
    logo = base64.b64encode((HERE / "logo.svg").read_bytes()).decode()
    st.set_page_config("Boucle", f"data:image/svg+xml;base64,{logo}", layout="wide")
    st.html(HERE / "look.css")
    client, visit = Client(load_settings()), current_session()
    pages = {
        name: st.Page(partial(show, client, visit), title=title, url_path=name, default=first)
        for first, name, title, show in (
            (True, "overview", say("Overview"), show_overview_page),
            (False, "predict", say("Predict"), show_predict_page),
            (False, "history", say("History"), show_history_page),
            (False, "review", say("Review"), show_review_page),
            (False, "model", say("Model"), show_model_page),
            (False, "monitoring", say("Monitoring"), show_monitoring_page),
        )
    }
    st.session_state.pages = pages  # for links from one to another
    st.navigation(list(pages.values()), position="top").run()
    _offer_languages()
    speak_for_streamlit()


def _offer_languages() -> None:
    """At the end of each page; the browser's own language needs no click."""
    st.segmented_control(
        say("Language"),
        list(LANGUAGES),
        default=current_language(),
        format_func=LANGUAGES.__getitem__,
        key="language",
        label_visibility="collapsed",
    )


main()
