"""What the visits of this page's process hold; the leases of one that is over are given back.

Streamlit does not tell that a page was closed or loaded anew: the next to ask for work looks.
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
    """By Streamlit's session."""
    return {}


def release_abandoned(client: Client, own: Holder) -> None:
    """What this visitor held before the page was loaded anew, too."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return
    holders = _holders()
    holders[context.session_id] = own
    for session in list(holders):
        if not runtime.get_instance().is_active_session(session):
            holders.pop(session, own).release(client)
