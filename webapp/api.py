"""The web page: Streamlit's entry. Run it with `python -m streamlit run webapp/api.py`."""

import os
from functools import partial
from pathlib import Path

import streamlit as st

from webapp.client.serving import Client
from webapp.model_page.page import show as show_model_page
from webapp.monitoring_page.page import show as show_monitoring_page
from webapp.predict_page.page import show as show_predict_page
from webapp.session import current_session
from webapp.settings import load_settings

HERE = Path(__file__).parent


def main() -> None:
    if Path.cwd() == HERE:  # as in the course: cd webapp && streamlit run api.py
        os.chdir(HERE.parent)
    st.set_page_config("Boucle", str(HERE / "logo.svg"), layout="wide")
    st.html(HERE / "look.css")
    st.logo(str(HERE / "logo.svg"), size="large")
    client, visit = Client(load_settings()), current_session()
    pages = [
        st.Page(
            partial(show_predict_page, client, visit),
            title="Predict",
            url_path="predict",
            default=True,
        ),
        st.Page(partial(show_model_page, client, visit), title="Model", url_path="model"),
        st.Page(
            partial(show_monitoring_page, client, visit), title="Monitoring", url_path="monitoring"
        ),
    ]
    st.navigation(pages, position="top").run()


main()
