"""Every prediction on record, the newest first, and the one that is opened."""

import time

import streamlit as st

from webapp.client.records import Filters, Listed, RecordPage
from webapp.client.schema import Schema
from webapp.client.serving import Client, ServingError
from webapp.history_page.download import offer_downloads
from webapp.history_page.record import show_record
from webapp.session import Session
from webapp.widgets.formats import local_time, percent, plain
from webapp.widgets.offline_notice import show_offline_notice

ROWS = 50
SPANS = {"Any time": None, "Last hour": 3_600, "Last day": 86_400, "Last week": 7 * 86_400}
ANSWERS = {
    "Any": "any",
    "Without an answer": "without",
    "With an answer": "with",
    "Right": "right",
    "Wrong": "wrong",
}
VERDICTS = {True: "right", False: "wrong"}
SURE = {"Any": 1.0, "At most 90 %": 0.9, "At most 70 %": 0.7, "At most 50 %": 0.5}


def show(client: Client, visit: Session) -> None:
    st.title("History")
    visit.look(client)
    show_offline_notice(client, visit)
    if visit.schema is None or visit.trouble:
        return
    number = st.text_input("Find by id", key="find", placeholder="prediction id").strip()
    if not number:
        number = st.query_params.get("id", "")
    if number:
        show_record(client, visit, visit.schema, number)
        return
    wanted = _choose(visit.schema)
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


def _choose(schema: Schema) -> Filters:
    """What is filtered; another choice begins at the newest."""
    columns = st.columns(5)
    with columns[0]:
        span = st.selectbox("Time", list(SPANS), key="history-time", on_change=_restart)
    with columns[1]:
        label = st.selectbox(
            "Label",
            schema.labels,
            index=None,
            key="history-label",
            on_change=_restart,
            placeholder="Any",
            format_func=str,
        )
    with columns[2]:
        answered = st.selectbox("Answer", list(ANSWERS), key="history-answer", on_change=_restart)
    with columns[3]:
        sure = st.selectbox("How sure", list(SURE), key="history-sure", on_change=_restart)
    with columns[4]:
        version = st.text_input(
            "Version", key="history-version", placeholder="Any", on_change=_restart
        )
    seconds = SPANS[span]
    # to the minute: else each run would ask for another time
    begin = None if seconds is None else float(int(time.time() - seconds) // 60 * 60)
    return Filters(begin, label, version.strip() or None, SURE[sure], ANSWERS[answered])


def _restart() -> None:
    st.session_state.history_cursors = []


def _read(client: Client, wanted: Filters) -> RecordPage:
    cursors = st.session_state.setdefault("history_cursors", [])
    return client.find(wanted, cursors[-1] if cursors else None, ROWS)


def _show_list(found: RecordPage, schema: Schema) -> Listed | None:
    """Returns the one that is selected."""
    if not found.predictions:
        more = " among those looked at" if found.next else ""
        st.info(f"No prediction is like this{more}.")
    else:
        rows = [_describe(one) for one in found.predictions]
        st.markdown(":small[:gray[Select a row to open it.]]")
        name = f"history-{found.predictions[0].id}-{len(rows)}"
        chosen = st.dataframe(
            rows,
            hide_index=True,
            key=name,
            on_select="rerun",
            selection_mode="single-row",
            height=min(420, 38 + 35 * len(rows)),
        )
    _show_steps(found)
    if not found.predictions:
        return None
    offer_downloads(found.predictions, schema.target)
    places = chosen["selection"]["rows"]
    return found.predictions[places[0]] if places else None


def _describe(one: Listed) -> dict[str, str]:
    return {
        "time": local_time(one.at),
        "predicted": one.prediction,
        "sure": percent(one.confidence),
        "answer": (one.target or "") + (" (corrected)" if one.corrected else ""),
        "verdict": ""
        if one.target is None
        else "right"
        if one.target == one.prediction
        else "wrong",
        "version": one.version,
        "id": one.id,
    }


def _show_steps(found: RecordPage) -> None:
    cursors: list[str] = st.session_state.history_cursors
    with st.container(horizontal=True):
        st.button("Newer", key="newer", disabled=not cursors, on_click=_go_back)
        st.button(
            "Older", key="older", disabled=not found.next, on_click=_go_on, args=(found.next,)
        )


def _go_back() -> None:
    st.session_state.history_cursors.pop()


def _go_on(cursor: str) -> None:
    st.session_state.history_cursors.append(cursor)
