"""Knows which predictions each session has on loan, and gives those of ended sessions back.

Streamlit does not tell when a page was closed or reloaded, so the next session that needs work
checks.
"""

from typing import Protocol

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from webapp.client.serving import Client


class Holder(Protocol):
    def release(self, client: Client) -> None: ...


@st.cache_resource(show_spinner=False)
def _holders() -> dict[str, Holder]:
    """The queue of each session, by Streamlit's id."""
    return {}


def release_abandoned(client: Client, own: Holder) -> None:
    """Give back what ended sessions hold, also those of this visitor before a reload."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return
    holders = _holders()
    holders[context.session_id] = own
    for session in list(holders):
        if not runtime.get_instance().is_active_session(session):
            holders.pop(session, own).release(client)
