"""The web page: Streamlit's entry. Run it with `python -m streamlit run webapp/api.py`."""

from functools import partial
from pathlib import Path

import streamlit as st

from webapp import modelling, monitoring, predicting
from webapp.client import Client
from webapp.settings import load_settings
from webapp.visit import this_visit

HERE = Path(__file__).parent


def main() -> None:
    st.set_page_config("Boucle", str(HERE / "logo.svg"), layout="wide")
    st.html(HERE / "look.css")
    st.logo(str(HERE / "logo.svg"), size="large")
    client, visit = Client(load_settings()), this_visit()
    pages = [
        st.Page(
            partial(predicting.show, client, visit),
            title="Predict",
            url_path="predict",
            default=True,
        ),
        st.Page(partial(modelling.show, client, visit), title="Model", url_path="model"),
        st.Page(partial(monitoring.show, client, visit), title="Monitoring", url_path="monitoring"),
    ]
    st.navigation(pages, position="top").run()


main()
