"""Actions that need the admin key: retrain now, put another version live."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from webapp.client.responses import Retraining
from webapp.client.serving import Client, ServingError
from webapp.model_page.other_versions import OtherVersion, list_others
from webapp.session import Session
from webapp.texts import say
from webapp.widgets.formats import plain


def show_admin(
    client: Client,
    visit: Session,
    versions: list[dict[str, Any]],
    decisions: Sequence[Retraining],
) -> None:
    st.header(say("Administration"))
    configured = client.settings.admin_key
    if not configured:
        _ask_for_key(visit)
    key = configured or visit.admin_key
    if not key:
        return
    if visit.refusal:
        st.error(plain(visit.refusal))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            say("Retrain now"),
            on_click=_retrain,
            args=(client, visit, key),
            disabled=visit.followed is not None,
            key="retrain",
        )
        others = {one.number: one for one in list_others(versions, decisions)}
        if others:
            chosen = st.selectbox(
                say("Another version"),
                list(others),
                width=260,
                key="another",
                format_func=lambda number: others[number].title,
            )
            if st.button(say("Put it live …"), key="activate"):
                _confirm(client, visit, key, others[chosen])


def _ask_for_key(visit: Session) -> None:
    """The key is kept in the session only, also while another page is open."""
    if "admin_key" not in st.session_state:
        st.session_state.admin_key = visit.admin_key
    visit.admin_key = st.text_input(
        say("Admin key"),
        type="password",
        key="admin_key",
        autocomplete="off",
        help=say("Where serving runs, the key lies in secrets/admin.key. It is not stored here."),
    ).strip()


def _retrain(client: Client, visit: Session, key: str) -> None:
    with visit.lock:
        if visit.followed is not None:  # the second half of a double click
            return
        try:
            visit.followed, visit.outcome, visit.refusal = client.retrain(key), None, ""
        except ServingError as error:
            visit.refusal = str(error)


def _confirm(client: Client, visit: Session, key: str, version: OtherVersion) -> None:
    """A dialog made on demand, because its title is in the language of the visitor."""
    st.dialog(say("Put another version live"))(_ask)(client, visit, key, version)


def _ask(client: Client, visit: Session, key: str, other: OtherVersion) -> None:
    version = other.number
    text = say("From now on version {version} answers instead of the live one.", version=version)
    st.markdown(text)
    if other.state:
        st.warning(f"{say(other.state).capitalize()}. {plain(other.why)}.")
    with st.container(horizontal=True):
        if st.button(
            say("Put version {version} live", version=version), type="primary", key="confirm"
        ):
            activate(client, visit, key, version)
            st.rerun()
        if st.button(say("Leave it"), key="leave"):
            st.rerun()


def activate(client: Client, visit: Session, key: str, version: str) -> None:
    try:
        client.activate(version, key)
        visit.refusal, visit.outcome = "", None
    except ServingError as error:
        visit.refusal = str(error)
