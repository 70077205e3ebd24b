"""Says that serving is not available, and reloads the page when it is back."""

import streamlit as st

from webapp.client.serving import Client, ServingError
from webapp.session import Session
from webapp.texts import say

LOOK_SECONDS = 2.0


def show_offline_notice(client: Client, visit: Session) -> None:
    if visit.trouble:
        st.fragment(_wait, run_every=LOOK_SECONDS)(client, [visit.trouble])


def _wait(client: Client, known: list[str]) -> None:
    """Show the known reason at once, because asking a serving that hangs takes seconds."""
    trouble = known.pop() if known else _ask(client)
    if not trouble:
        st.rerun()
    st.warning(
        f"{trouble} {say('What you entered is kept; this page goes on by itself.')}",
        icon=":material/cloud_off:",
    )


def _ask(client: Client) -> str:
    try:
        client.model()
    except ServingError as error:
        return str(error)
    return ""
