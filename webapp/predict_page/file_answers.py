"""Records the target column of an uploaded file as feedback on its predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from webapp.client.responses import Prediction, Receipt
from webapp.client.schema import Schema
from webapp.client.serving import Client, RequestRejected, ServingError
from webapp.session import Session
from webapp.texts import mark, say, say_count
from webapp.widgets.formats import count, plain


@dataclass
class Answered:
    """The progress: a click elsewhere interrupts sending, and the next run goes on."""

    recorded: int = 0
    right: int = 0
    refused: int = 0
    trouble: str = ""  # why the rest was not sent

    @property
    def done(self) -> int:
        return self.recorded + self.refused


def offer_answers(
    client: Client,
    schema: Schema,
    visit: Session,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """A button if the file has the target. If feedback is sent twice, it counts once."""
    names = [name.strip().casefold() for name in header]
    if schema.target.casefold() not in names:
        return
    place = names.index(schema.target.casefold())
    cells = [str(row[place]).strip() if place < len(row) else "" for row in rows]
    given = [(one, cell) for one, cell in zip(visit.predictions, cells, strict=True) if cell]
    if not given:
        return
    column, first = plain(schema.target), visit.predictions[0].id
    words = say_count(
        "Record the {rows} answer in the column {column}",
        "Record the {rows} answers in the column {column}",
        len(given),
        rows=count(len(given)),
        column=column,
    )
    if st.button(words, key=f"all-{first}"):
        visit.file_answers[first] = Answered()
    if first in visit.file_answers:
        found = visit.file_answers[first]
        with visit.lock:
            if not found.trouble:
                send_rest(client, visit, given, found)
        _tell(found)


def send_rest(
    client: Client, visit: Session, given: Sequence[tuple[Prediction, str]], found: Answered
) -> None:
    if found.done == len(given):
        return
    bar = st.progress(found.done / len(given), text=say("Recording …"))
    for prediction, target in given[found.done :]:
        try:
            receipt = client.answer(prediction.id, target)
        except RequestRejected:
            found.refused += 1
        except ServingError as error:
            found.trouble = str(error)
            break
        else:
            found.recorded += 1
            found.right += target == prediction.label
            visit.receipts[prediction.id] = Receipt(target, receipt.queued)
        if found.done % 20 == 0:
            told = say("{done} of {all} recorded", done=found.done, all=len(given))
            bar.progress(found.done / len(given), text=told)
    bar.empty()


def _tell(found: Answered) -> None:
    numbers = {"rows": count(found.recorded), "right": count(found.right)}
    told = say_count(
        "{rows} answer is recorded; predictions that were right: {right}.",
        "{rows} answers are recorded; predictions that were right: {right}.",
        found.recorded,
        **numbers,
    )
    st.success(told, icon=":material/check:")
    if found.refused:
        refused = mark(
            "Answers refused: {rows}. They are no label, or the row has another answer already."
        )
        st.warning(say(refused, rows=count(found.refused)))
    if found.trouble:
        rest = say("The rest was not sent; the button sends it again.")
        st.error(f"{plain(found.trouble)} {rest}")
