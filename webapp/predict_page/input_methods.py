"""Inputs besides form and file: a drawing, the camera, a pasted row, a link to share."""

import csv
import io
import json
from collections.abc import Mapping
from urllib.parse import quote

import streamlit as st

from webapp.client.observations import CsvFile, Observation, Picture, Row, Unreadable
from webapp.client.schema import Schema
from webapp.components.canvas import show_canvas
from webapp.drawings.look import measure_look
from webapp.drawings.picture import fit_drawing
from webapp.drawings.strokes import render
from webapp.predict_page.field_values import understand_pasted
from webapp.predict_page.samples import choose_samples
from webapp.predict_page.uploads import read_json_row
from webapp.session import Session
from webapp.settings import Settings
from webapp.texts import mark, say

LONGEST_ADDRESS = 2_000  # characters; some programs cut longer ones


def show_drawing(settings: Settings, schema: Schema, visit: Session) -> None:
    hint = say("Draw it as large as you like; it is brought to the usual size.")
    st.markdown(f":small[:gray[{hint}]]")

    def take() -> None:
        strokes = st.session_state["canvas"].strokes
        if not strokes:
            visit.refuse(say("Nothing is drawn."))
        elif schema.size is not None:
            look = measure_look(choose_samples(settings.samples))
            visit.ask(Picture("drawing.png", render(strokes, schema.size, look)))

    show_canvas(say("Draw here"), say("Predict"), say("Clear"), take)


def fit_picture(settings: Settings, schema: Schema, asked: Observation) -> Observation:
    """Make a picture of a drawing look as in training; leave any other as it is."""
    if not isinstance(asked, Picture) or schema.size is None:
        return asked
    look = measure_look(choose_samples(settings.samples))
    fitted = fit_drawing(asked.content, schema.size, look)
    return asked if fitted is None else Picture(asked.name, fitted, fitted=True)


def show_camera(settings: Settings, schema: Schema, visit: Session) -> None:
    photo = st.camera_input(say("Take a photo"), key="camera")
    if photo is None or st.session_state.get("photo") == photo.file_id:
        return
    st.session_state["photo"] = photo.file_id
    visit.ask(fit_picture(settings, schema, Picture("photo.jpg", photo.getvalue())))


def show_paste(schema: Schema, visit: Session) -> None:
    def take() -> None:
        try:
            visit.ask(read_pasted(schema, st.session_state["pasted"]))
        except Unreadable as error:
            visit.refuse(str(error))

    st.text_area(
        say("Or paste rows from a spreadsheet, with their header or a single row without"),
        key="pasted",
        height=110,
    )
    st.button(say("Predict what is pasted"), on_click=take, key="predict-pasted")


def read_pasted(schema: Schema, text: str) -> Observation:
    """Read one row in the schema's order, or a header and rows."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise Unreadable(say("Nothing is pasted."))
    if len(lines) > 1:
        return CsvFile("pasted.csv", "\n".join(lines).encode())
    for delimiter in "\t;,":
        cells = next(csv.reader(io.StringIO(lines[0]), delimiter=delimiter))
        if len(cells) == len(schema.features):
            pairs = zip(schema.features, cells, strict=True)
            return Row([understand_pasted(feature, cell) for feature, cell in pairs])
    expected = mark(
        "{number} cells are expected, in the order of the form; or paste the header too."
    )
    raise Unreadable(say(expected, number=len(schema.features)))


def take_address(visit: Session) -> None:
    """Predict the features in the address of the page, once."""
    given = st.query_params.get("features", "")
    if not given or st.session_state.get("address") == given:
        return
    st.session_state["address"] = given
    try:
        visit.ask(read_json_row(given))
    except Unreadable as error:
        visit.refuse(str(error))


def show_address(visit: Session) -> None:
    """The address at which the same features are predicted again."""
    asked = visit.asked
    if not isinstance(asked, Row) or not isinstance(asked.features, Mapping):
        return
    base = (st.context.url or "").partition("?")[0]
    address = f"{base}?features={quote(json.dumps(asked.features, separators=(',', ':')))}"
    if base and len(address) <= LONGEST_ADDRESS:
        with st.popover(say("Share"), icon=":material/link:"):
            st.code(address, language=None, wrap_lines=True)
