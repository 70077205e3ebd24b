"""Takes the target column of an uploaded file as the answers to its predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from webapp.client.responses import Prediction, Receipt
from webapp.client.schema import Schema
from webapp.client.serving import Client, RequestRejected, ServingError
from webapp.session import Session
from webapp.widgets.formats import plain


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
    if schema.target not in header:
        return
    place = list(header).index(schema.target)
    cells = [str(row[place]).strip() if place < len(row) else "" for row in rows]
    given = [(one, cell) for one, cell in zip(visit.predictions, cells, strict=True) if cell]
    if not given:
        return
    column, first = plain(schema.target), visit.predictions[0].id
    if st.button(f"Record the {len(given):,} answers in the column {column}", key=f"all-{first}"):
        visit.file_answers[first] = _send_all(client, visit, given)
    if first in visit.file_answers:
        _tell(visit.file_answers[first])


def _send_all(client: Client, visit: Session, given: Sequence[tuple[Prediction, str]]) -> Answered:
    recorded = right = refused = 0
    bar = st.progress(0.0, text="Recording …")
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
            bar.progress(done / len(given), text=f"{done:,} of {len(given):,} recorded")
    bar.empty()
    return Answered(recorded, right, refused)


def _tell(found: Answered) -> None:
    share = f", {found.right:,} predictions were right" if found.recorded else ""
    st.success(f"{found.recorded:,} answers are recorded{share}.", icon=":material/check:")
    if found.refused:
        st.warning(
            f"{found.refused:,} answers were refused: no label, or answered otherwise before."
        )
    if found.trouble:
        st.error(f"{plain(found.trouble)} The rest was not sent; the button sends it again.")
