"""Shows one prediction: observation, answer, explanation, similar rows, and feedback."""

import streamlit as st

from webapp.client.records import Neighbour, Record
from webapp.client.schema import Schema
from webapp.client.serving import Client, ServingError
from webapp.history_page.correction import show_correction
from webapp.session import Session
from webapp.texts import say
from webapp.widgets.formats import local_time, plain
from webapp.widgets.observation import picture_width, show_features
from webapp.widgets.pictures import show_picture
from webapp.widgets.probabilities import draw_bars, say_sure
from webapp.widgets.table import Value, show_table
from webapp.widgets.why import show_why


def show_record(client: Client, visit: Session, schema: Schema, prediction_id: str) -> None:
    try:
        record = client.record(prediction_id)
        picture = client.picture(record.id) if schema.kind != "tabular" else None
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    with st.container(border=True, key="record"):
        left, right = st.columns([6, 5], gap="large")
        with left:
            _show_said(schema, record, picture)
            show_why(client, record.id, visit.explanations)
        with right:
            show_correction(client, schema, visit, record)
            _show_nearest(record.nearest)
    if record.features is not None:
        with st.expander(say("What was observed"), expanded=len(record.features) <= 12):
            show_features(record.features)


def _show_said(schema: Schema, record: Record, picture: bytes | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if picture is not None:
            with st.container(key="asked", width="content"):
                show_picture(picture, say("What was observed"), picture_width(schema))
        with st.container(gap=None, key="answer"):
            st.markdown(f":gray[{plain(schema.target)}]")
            st.markdown(f"## {plain(record.prediction)}", width="content")
            said = say_sure(record.confidence, record.version)
            st.markdown(f":small[:gray[{said} · {local_time(record.at)}]]")
    if record.probabilities:
        st.vega_lite_chart(draw_bars(record.probabilities, record.prediction), key="record-bars")
    st.markdown(f":small[:gray[{say('Id')}]] `{record.id}`")
    if record.request_id != record.id:
        st.markdown(f":small[:gray[{say('Request')}]] `{record.request_id}`")
    if record.subject:
        st.markdown(f":small[:gray[{say('Subject')}]] {plain(record.subject)}")


def _show_nearest(nearest: list[Neighbour]) -> None:
    if not nearest:
        return
    title = say("The nearest rows with an answer")
    st.markdown(f"**{title}**")
    rows: list[dict[str, Value]] = [
        {
            say("answer"): one.target,
            say("predicted"): one.prediction,
            say("distance"): float(f"{one.distance:.3g}"),
            "id": one.prediction_id or "",
        }
        for one in nearest
    ]
    show_table(title, rows)
