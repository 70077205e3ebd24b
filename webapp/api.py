"""The entry point of the web page. Run it with `python -m streamlit run webapp/api.py`."""

import base64
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from webapp.client.serving import Client
from webapp.components.keep_focus import keep_focus
from webapp.components.streamlit_words import speak_for_streamlit
from webapp.history_page.page import show as show_history_page
from webapp.model_page.page import show as show_model_page
from webapp.monitoring_page.page import show as show_monitoring_page
from webapp.overview_page.page import show as show_overview_page
from webapp.predict_page.page import show as show_predict_page
from webapp.review_page.page import show as show_review_page
from webapp.session import current_session
from webapp.settings import load_settings
from webapp.texts import LANGUAGES, current_language, keep_language, say
from webapp.widgets.formats import plain

HERE = Path(__file__).parent
FIRST = "_overview"  # Streamlit serves the first page under / alone
MOST_UNKNOWN = 5  # addresses without a page that a session remembers


def main() -> None:
    if Path.cwd() == HERE:  # as in the course: cd webapp && streamlit run api.py
        os.chdir(HERE.parent)
    logo = base64.b64encode((HERE / "logo.svg").read_bytes()).decode()
    st.set_page_config("Boucle", f"data:image/svg+xml;base64,{logo}", layout="wide")
    st.html(HERE / "look.css")
    client, visit = Client(load_settings()), current_session()
    pages = {
        name: st.Page(
            partial(show, client, visit),
            title=title,
            url_path=FIRST if first else name,
            default=first,
        )
        for first, name, title, show in (
            (True, "overview", say("Overview"), show_overview_page),
            (False, "predict", say("Predict"), show_predict_page),
            (False, "history", say("History"), show_history_page),
            (False, "review", say("Review"), show_review_page),
            (False, "model", say("Model"), show_model_page),
            (False, "monitoring", say("Monitoring"), show_monitoring_page),
        )
    }
    st.session_state.pages = pages  # for links between pages
    hidden = _unknown_pages({*pages, FIRST})
    hidden.append(_hide(partial(show_overview_page, client, visit), "overview"))
    st.navigation([*pages.values(), *hidden], position="top").run()
    _offer_languages()
    keep_language()
    speak_for_streamlit()
    keep_focus()


def _unknown_pages(known: set[str]) -> list[st.Page]:
    """Pages that say that they do not exist; Streamlit would show the first one instead."""
    unknown: list[str] = st.session_state.setdefault("unknown_pages", [])
    context = get_script_run_ctx()
    asked = context.pages_manager.intended_page_name if context else ""
    if asked and "/" not in asked and asked not in known and asked not in unknown:
        unknown.append(asked)
    del unknown[:-MOST_UNKNOWN]
    return [_hide(partial(_show_unknown, name), name) for name in unknown]


def _hide(show: Callable[[], None], name: str) -> st.Page:
    return st.Page(show, title="Boucle", url_path=name, visibility="hidden")


def _show_unknown(name: str) -> None:
    st.title(say("There is no page {address}", address=plain(f"/{name}")))
    st.page_link(st.session_state.pages["overview"], icon=":material/arrow_forward:")


def _offer_languages() -> None:
    """At the end of each page; the browser's own language needs no click."""
    st.segmented_control(
        say("Language"),
        list(LANGUAGES),
        default=current_language(),
        format_func=LANGUAGES.__getitem__,
        key="language",
        label_visibility="collapsed",
        required=True,
    )


main()
