"""Says that serving cannot be used, and goes on by itself when it can."""

import streamlit as st

from webapp.client.serving import Client, ServingError
from webapp.session import Session
from webapp.texts import say

LOOK_SECONDS = 2.0


def show_offline_notice(client: Client, visit: Session) -> None:
    if visit.trouble:
        st.fragment(_wait, run_every=LOOK_SECONDS)(client)


def _wait(client: Client) -> None:
    try:
        client.model()
    except ServingError as error:
        st.warning(
            f"{error} {say('What you entered is kept; this page goes on by itself.')}",
            icon=":material/cloud_off:",
        )
        return
    st.rerun()
