"""Takes the true label of a prediction: one click if it is right, a choice if it is not."""

from typing import Literal

import streamlit as st

from webapp.client.responses import Prediction
from webapp.client.schema import Schema
from webapp.client.serving import Client, ServingError
from webapp.session import Session
from webapp.texts import say
from webapp.widgets.formats import plain

MOST_PILLS = 12


def show_feedback_form(
    client: Client, schema: Schema, visit: Session, prediction: Prediction
) -> None:
    if receipt := visit.receipts.get(prediction.id):
        right = receipt.target == prediction.label
        with st.container(key="recorded"):
            other = say("Thank you. Recorded as **{label}**.", label=plain(receipt.target))
            st.success(
                say("Thank you. Recorded as right.") if right else other, icon=":material/check:"
            )
            _link_to_correction(prediction)
        return
    if objection := visit.objections.get(prediction.id):
        st.error(plain(objection))
    st.markdown(f"**{say('Is it right?')}**")
    others = [label for label in schema.labels if label != prediction.label]
    with st.container(horizontal=True):
        _offer(client, visit, prediction, prediction.label, say("Yes, it is"), type="primary")
        if len(others) == 1:
            _offer(client, visit, prediction, others[0], say("No, it is"))
    if len(others) > 1:
        target = _choose(others, visit, prediction)
        if target is not None:
            _offer(client, visit, prediction, target, say("Record"))


def _link_to_correction(prediction: Prediction) -> None:
    """A link to the page History, where a wrong click can be corrected."""
    if pages := st.session_state.get("pages"):
        words, asked = say("Correct it in the history"), {"id": prediction.id}
        st.page_link(pages["history"], label=words, icon=":material/edit:", query_params=asked)


def _offer(
    client: Client,
    visit: Session,
    prediction: Prediction,
    target: str,
    words: str,
    type: Literal["primary", "secondary"] = "secondary",  # noqa: A002  # as Streamlit calls it
) -> None:
    st.button(
        f"{words} {plain(target)}",
        key=f"record-{target}-{prediction.id}",
        on_click=send_target,
        args=(client, visit, prediction, target),
        type=type,
    )


def _choose(others: list[str], visit: Session, prediction: Prediction) -> str | None:
    """Keeps the choice while another page is open."""
    key = f"target-{prediction.id}"
    if key not in st.session_state and prediction.id in visit.targets:
        st.session_state[key] = visit.targets[prediction.id]
    if len(others) <= MOST_PILLS:
        target = st.pills(say("No, it is"), others, key=key, format_func=plain)
    else:
        choose = say("Choose")
        target = st.selectbox(say("No, it is"), others, key=key, index=None, placeholder=choose)
    if target is None:
        visit.targets.pop(prediction.id, None)
    else:
        visit.targets[prediction.id] = target
    return target


def send_target(client: Client, visit: Session, prediction: Prediction, target: str) -> None:
    """Sends feedback once: after a double click the second run finds the receipt of the first."""
    with visit.lock:
        if prediction.id not in visit.receipts:
            _send(client, visit, prediction, target)


def _send(client: Client, visit: Session, prediction: Prediction, target: str) -> None:
    try:
        visit.receipts[prediction.id] = client.answer(prediction.id, target)
    except ServingError as error:
        kept = say("Your answer is not recorded yet; it is still chosen below.")
        visit.objections[prediction.id] = f"{error} {kept}"
    else:
        visit.outcome = None
        visit.objections.pop(prediction.id, None)
