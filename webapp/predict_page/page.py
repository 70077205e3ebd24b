"""Shows the inputs on one side, and the prediction with its feedback on the other."""

from functools import partial
from pathlib import Path

import streamlit as st

from webapp.client.observations import CsvFile
from webapp.client.schema import Schema
from webapp.client.serving import Client
from webapp.predict_page.feedback import show_feedback_form
from webapp.predict_page.form import show_form
from webapp.predict_page.input_methods import (
    fit_picture,
    show_address,
    show_camera,
    show_drawing,
    show_paste,
    take_address,
)
from webapp.predict_page.media import enter_media
from webapp.predict_page.result import ask_serving, show_result
from webapp.predict_page.samples import offer_samples
from webapp.predict_page.uploads import take_file
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import count, percent, plain
from webapp.widgets.offline_notice import show_offline_notice
from webapp.widgets.retraining_progress import show_retraining_progress

WAYS = [mark("Picture"), mark("Draw"), mark("Camera")]


def show(client: Client, visit: Session) -> None:
    visit.refresh_model(client)
    _show_head(visit)
    show_offline_notice(client, visit)
    if visit.schema is None:
        return
    take_address(visit)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _enter(client, visit, visit.schema)
    with right, st.container(border=True, key="result"):
        ask_serving(client, visit)
        prediction = show_result(client, visit.schema, visit)
        if prediction is not None:
            show_address(visit)
            st.divider()
            show_feedback_form(client, visit.schema, visit, prediction)
        show_retraining_progress(client, visit)


def _show_head(visit: Session) -> None:
    if visit.schema is None or visit.model is None:
        st.title(say("Predict"))
        return
    target = plain(visit.schema.target.replace("_", " "))
    st.title(say("Predict: {target}", target=target))
    model, rows = visit.model, visit.model["rows"]
    learned = rows.get("trained", rows["reference"] + rows["production"])
    quality = percent(model["scores"]["holdout"]["balanced_accuracy"])
    told = say(
        "Version {version}, learned from {rows} rows, balanced accuracy {quality} on rows it has "
        "never seen",
        version=model["version"],
        rows=count(learned),
        quality=quality,
    )
    st.markdown(f":gray[{told}]")


def _enter(client: Client, visit: Session, schema: Schema) -> None:
    if schema.kind == "image":
        _enter_picture(client, visit, schema)
        return
    if schema.kind != "tabular":
        enter_media(client, visit, schema)
        return
    form, file = st.tabs([say("Fill in a form"), say("Upload a file")])
    with form, st.container(key="form"):
        show_form(schema, visit)
    with file:
        st.markdown(
            say(
                "A CSV file with a header and up to 10,000 rows, or JSON with the {number} "
                "features by name.",
                number=len(schema.features),
            )
        )
        take_file(visit, schema, say("CSV or JSON"))
        _offer_sample_file(client.settings.samples / "observations.csv", visit)
        show_paste(schema, visit)


def _enter_picture(client: Client, visit: Session, schema: Schema) -> None:
    """Show one input at a time, so that the browser does not ask for the camera needlessly."""
    ways = WAYS if schema.size else [WAYS[0], WAYS[2]]  # without a size a network reads them
    way = st.segmented_control(
        say("Way in"), ways, default=ways[0], key="way", format_func=say, required=True
    )
    if way == WAYS[1]:
        show_drawing(client.settings, schema, visit)
    elif way == WAYS[2]:
        show_camera(client.settings, schema, visit)
    else:
        offer_samples(client.settings.samples, schema, visit)
        fit = partial(fit_picture, client.settings, schema)
        take_file(visit, schema, say("Or upload a picture: PNG, JPEG, WebP, GIF, BMP, TIFF"), fit)


def _offer_sample_file(path: Path, visit: Session) -> None:
    if path.is_file():
        observation = CsvFile(path.name, path.read_bytes())
        st.button(say("Try the sample file"), on_click=visit.ask, args=(observation,), key="sample")
