"""Takes the target column of an uploaded file as the answers to its predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from webapp.client.responses import Prediction, Receipt
from webapp.client.schema import Schema
from webapp.client.serving import Client, RequestRejected, ServingError
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import count, plain


@dataclass(frozen=True)
class Answered:
    recorded: int
    right: int
    refused: int
    trouble: str = ""  # why the rest was not sent


def offer_answers(
    client: Client,
    schema: Schema,
    visit: Session,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """A button where the file has the target; sent twice, each answer counts once."""
    names = [name.strip().casefold() for name in header]
    if schema.target.casefold() not in names:
        return
    place = names.index(schema.target.casefold())
    cells = [str(row[place]).strip() if place < len(row) else "" for row in rows]
    given = [(one, cell) for one, cell in zip(visit.predictions, cells, strict=True) if cell]
    if not given:
        return
    column, first = plain(schema.target), visit.predictions[0].id
    words = say(
        "Record the {rows} answers in the column {column}", rows=count(len(given)), column=column
    )
    if st.button(words, key=f"all-{first}"):
        visit.file_answers[first] = _send_all(client, visit, given)
    if first in visit.file_answers:
        _tell(visit.file_answers[first])


def _send_all(client: Client, visit: Session, given: Sequence[tuple[Prediction, str]]) -> Answered:
    recorded = right = refused = 0
    bar = st.progress(0.0, text=say("Recording …"))
    for done, (prediction, target) in enumerate(given, start=1):
        try:
            receipt = client.answer(prediction.id, target)
        except RequestRejected:
            refused += 1
        except ServingError as error:
            return Answered(recorded, right, refused, str(error))
        else:
            recorded, right = recorded + 1, right + (target == prediction.label)
            visit.receipts[prediction.id] = Receipt(target, receipt.queued)
        if done % 20 == 0 or done == len(given):
            bar.progress(
                done / len(given), text=say("{done} of {all} recorded", done=done, all=len(given))
            )
    bar.empty()
    return Answered(recorded, right, refused)


def _tell(found: Answered) -> None:
    numbers = {"rows": count(found.recorded), "right": count(found.right)}
    told = say("{rows} answers are recorded, {right} predictions were right.", **numbers)
    st.success(told, icon=":material/check:")
    if found.refused:
        refused = mark(
            "{rows} answers were refused: they are no label, or the row has another answer already."
        )
        st.warning(say(refused, rows=count(found.refused)))
    if found.trouble:
        rest = say("The rest was not sent; the button sends it again.")
        st.error(f"{plain(found.trouble)} {rest}")
