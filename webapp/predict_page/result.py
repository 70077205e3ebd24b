"""Asks serving for a prediction, and shows it: probabilities, or a table to download."""

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from webapp.client.observations import CsvFile, Picture, Recording, Rows, Unreadable
from webapp.client.responses import Prediction
from webapp.client.schema import Schema
from webapp.client.serving import Client, RequestRejected, ServingError
from webapp.predict_page.file_answers import offer_answers
from webapp.predict_page.media import show_recording
from webapp.predict_page.uploads import list_rows
from webapp.session import Session
from webapp.texts import join_parts, say, say_count
from webapp.widgets.csv_export import write_csv
from webapp.widgets.formats import count, plain
from webapp.widgets.observation import write_value
from webapp.widgets.pictures import show_picture
from webapp.widgets.probabilities import draw_bars, say_sure
from webapp.widgets.table import Value, choose_row, share_cell
from webapp.widgets.why import show_why
from webapp.wording.serving import translate


def ask_serving(client: Client, visit: Session) -> None:
    """Send the visitor's observation to serving, unless it is answered already.

    The answer is stored before the spinner ends, because a click interrupts the run there.
    """
    with visit.lock:
        if not visit.pending or visit.asked is None or visit.trouble:
            return
        try:
            with st.spinner(say("Asking the model …")):
                visit.predictions = client.predict(visit.asked)
                visit.pending, visit.problem = False, ""
        except RequestRejected as error:
            visit.refuse(str(error))
        except ServingError as error:
            visit.problem = str(error)


def show_result(client: Client, schema: Schema, visit: Session) -> Prediction | None:
    """Returns the prediction that feedback would be about."""
    if visit.pending:
        st.warning(f"{plain(visit.trouble or visit.problem)} {say('What you asked is kept.')}")
        st.button(say("Try again"), key="again")
        return None
    if visit.problem:
        st.error(plain(visit.problem))
        return None
    if isinstance(visit.asked, CsvFile | Rows):
        return _show_table(client, schema, visit, visit.asked)
    if not visit.predictions:
        st.markdown(f":gray[{say('The prediction appears here.')}]")
        return None
    _show_prediction(schema, visit.predictions[0], visit.asked)
    if isinstance(visit.asked, Recording):
        show_recording(visit.asked, _find_preview(client, visit.predictions[0]))
    show_why(client, visit.predictions[0].id, visit.explanations)
    return visit.predictions[0]


def _show_prediction(schema: Schema, prediction: Prediction, asked: object) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if isinstance(asked, Picture):
            with st.container(key="asked", width="content"):
                _show_picture(asked)
        with st.container(gap=None, key="answer"):
            st.markdown(f":gray[{plain(schema.target)}]")
            st.markdown(f"## {plain(prediction.label)}", width="content")
            confidence = say_sure(prediction.confidence, prediction.version)
            st.markdown(f":small[:gray[{confidence}]]")
    if isinstance(asked, Picture) and asked.fitted:
        fitted = say(
            "Read as a drawing: shades, size and strokes are brought to those that were learned."
        )
        st.markdown(f":small[:gray[{fitted}]]")
    show_doubts(prediction)
    st.vega_lite_chart(draw_bars(prediction.probabilities, prediction.label))


def _find_preview(client: Client, prediction: Prediction) -> bytes | None:
    """The preview, None if serving has none; the prediction is shown without it."""
    try:
        return client.picture(prediction.id)
    except ServingError:
        return None


def _show_picture(picture: Picture) -> None:
    """Show the picture, or its name: serving may have read one that cannot be shown here."""
    try:
        show_picture(picture.content, picture.name, 104)
    except (OSError, ValueError, ZeroDivisionError):
        st.markdown(f":small[:gray[{plain(picture.name)}]]")


def show_doubts(prediction: Prediction) -> None:
    """Show warnings about values, and how values given as text were read."""
    odd = [f"{plain(translate(warning))}." for warning in prediction.warnings]
    if odd:
        st.warning(odd[0] if len(odd) == 1 else _list(odd), icon=":material/warning:")
    if prediction.understood:
        said = ", ".join(
            say("{name} as {value}", name=name, value=write_value(value))
            for name, value in prediction.understood.items()
        )
        st.markdown(f":small[:gray[{say('Read')} {plain(said)}.]]")


def _list(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _show_table(
    client: Client, schema: Schema, visit: Session, asked: CsvFile | Rows
) -> Prediction | None:
    predictions = visit.predictions
    try:
        header, rows = list_rows(schema, asked)
    except Unreadable as error:
        st.error(plain(str(error)))
        header, rows = [], [[] for _ in predictions]
    said = [say("{target} predicted", target=schema.target), say("probability")]
    rows_said = say_count(
        "{rows} prediction for {file}",
        "{rows} predictions for {file}",
        len(predictions),
        rows=count(len(predictions)),
        file=plain(asked.name),
    )
    st.markdown(f"**{rows_said}**")
    shown = [
        _describe(said, one, zip(header, row, strict=False))
        for one, row in zip(predictions, rows, strict=True)
    ]
    chosen = choose_row(rows_said, shown, f"table-{predictions[0].id}")
    st.download_button(
        say("Download as CSV"),
        write_answers(header, rows, said, predictions),
        file_name="predictions.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    offer_answers(client, schema, visit, header, rows)
    if chosen is None:
        st.markdown(f":small[:gray[{say('Select a row to say whether it is right.')}]]")
        return None
    show_doubts(predictions[chosen])
    return predictions[chosen]


def _describe(
    said: Sequence[str], one: Prediction, features: Iterable[tuple[str, Any]]
) -> dict[str, Value]:
    told: dict[str, Value] = {said[0]: one.label, said[1]: share_cell(one.confidence)}
    return {**told, **{name: "" if cell is None else str(cell) for name, cell in features}}


def write_answers(
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    said: Sequence[str],
    predictions: Sequence[Prediction],
) -> bytes:
    """A CSV file of the rows with their predictions, in the language of the page."""
    names = [*header, *said, say("version"), say("warnings"), say("prediction_id")]
    return write_csv(
        names,
        (
            [*row, one.label, one.confidence, one.version, _join(one.warnings), one.id]
            for row, one in zip(rows, predictions, strict=True)
        ),
    )


def _join(warnings: Sequence[str]) -> str:
    return join_parts(map(translate, warnings))
