"""Shows all recorded predictions, the newest first, and the one that is opened."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from webapp.client.records import Filters, Listed, RecordPage
from webapp.client.schema import Schema
from webapp.client.serving import Client, ServingError
from webapp.history_page.download import offer_downloads
from webapp.history_page.record import show_record
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import percent, plain
from webapp.widgets.offline_notice import show_offline_notice
from webapp.widgets.table import Value, choose_row, share_cell, time_cell

ROWS = 50
MOST_FIND, MOST_VERSION = 200, 64  # characters that serving looks for
ID = re.compile(r"[0-9a-f]{32}")  # the form of a prediction's id; other text is a subject
SPANS = {
    mark("Any time"): None,
    mark("Last hour"): 3_600,
    mark("Last day"): 86_400,
    mark("Last week"): 7 * 86_400,
}
ANSWERS = {
    mark("Any"): "any",
    mark("Without an answer"): "without",
    mark("With an answer"): "with",
    mark("Right"): "right",
    mark("Wrong"): "wrong",
}
SURE = (1.0, 0.9, 0.7, 0.5)


def show(client: Client, visit: Session) -> None:
    st.title(say("History"))
    visit.refresh_model(client)
    show_offline_notice(client, visit)
    if visit.schema is None or visit.trouble:
        return
    text = st.text_input(
        say("Find by id or subject"), key="find", on_change=_find, max_chars=MOST_FIND
    ).strip()
    number = text if ID.fullmatch(text) else st.query_params.get("id", "") if not text else ""
    if number:
        back = ":material/arrow_back:"
        st.button(say("All predictions"), key="all", icon=back, type="tertiary", on_click=_show_all)
        show_record(client, visit, visit.schema, number)
        return
    wanted = _choose(visit.schema, text or None)
    try:
        found = _read(client, wanted)
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    opened = st.container()
    chosen = _show_list(found, visit.schema)
    if chosen is not None:
        with opened:
            show_record(client, visit, visit.schema, chosen.id)


def _choose(schema: Schema, subject: str | None) -> Filters:
    """The chosen filters. A change begins again at the newest prediction."""
    columns = st.columns(5)
    with columns[0]:
        span = _select(say("Time"), list(SPANS), "history-time", say)
    with columns[1]:
        label = st.selectbox(
            say("Label"),
            schema.labels,
            index=None,
            key="history-label",
            on_change=_restart,
            placeholder=say("Any"),
            format_func=str,
        )
    with columns[2]:
        answered = _select(say("Answer"), list(ANSWERS), "history-answer", say)
    with columns[3]:
        sure = _select(say("How sure"), SURE, "history-sure", _at_most)
    with columns[4]:
        version = st.text_input(
            say("Version"),
            key="history-version",
            placeholder=say("Any"),
            on_change=_restart,
            max_chars=MOST_VERSION,
        )
    seconds = SPANS[span]
    # to the minute, so that each run asks for the same time
    begin = None if seconds is None else float(int(time.time() - seconds) // 60 * 60)
    return Filters(begin, label, version.strip() or None, sure, ANSWERS[answered], subject)


def _select(name: str, choices: Sequence[Any], key: str, words: Callable[[Any], str]) -> Any:
    return st.selectbox(name, choices, key=key, on_change=_restart, format_func=words)


def _at_most(share: float) -> str:
    return say("Any") if share == 1.0 else say("At most {share}", share=percent(share))


def _restart() -> None:
    st.session_state.history_cursors = []


def _find() -> None:
    """Search anew, without the prediction that the address names."""
    st.query_params.pop("id", None)
    _restart()


def _show_all() -> None:
    st.session_state.find = ""
    _find()


def _read(client: Client, wanted: Filters) -> RecordPage:
    cursors = st.session_state.setdefault("history_cursors", [])
    return client.find(wanted, cursors[-1] if cursors else None, ROWS)


def _show_list(found: RecordPage, schema: Schema) -> Listed | None:
    """Returns the selected prediction."""
    if not found.predictions:
        looked = say("No prediction among those looked at is like this.")
        st.info(looked if found.next else say("No prediction is like this."))
    else:
        rows = [_describe(one) for one in found.predictions]
        st.markdown(f":small[:gray[{say('Select a row to open it.')}]]")
        name = f"history-{found.predictions[0].id}-{len(rows)}"
        chosen = choose_row(say("Predictions"), rows, name)
    _show_steps(found)
    if not found.predictions:
        return None
    offer_downloads(found.predictions, schema.target)
    return None if chosen is None else found.predictions[chosen]


def _describe(one: Listed) -> dict[str, Value]:
    return {
        say("time"): time_cell(one.at),
        say("predicted"): one.prediction,
        say("sure"): share_cell(one.confidence),
        say("answer"): (one.target or "") + (f" ({say('corrected')})" if one.corrected else ""),
        say("verdict"): "" if one.target is None else _judge(one),
        say("version"): one.version,
        "id": one.id,
    }


def _judge(one: Listed) -> str:
    return say("right") if one.target == one.prediction else say("wrong")


def _show_steps(found: RecordPage) -> None:
    cursors: list[str] = st.session_state.history_cursors
    with st.container(horizontal=True):
        for words, key, there, ahead in (
            (say("Newer"), "newer", bool(cursors), cursors[:-1]),
            (say("Older"), "older", found.next is not None, [*cursors, found.next]),
        ):
            st.button(words, key=key, disabled=not there, on_click=_go_to, args=(ahead,))


def _go_to(cursors: list[str]) -> None:
    """The second half of a double click goes to the same page as the first."""
    st.session_state.history_cursors = cursors
