"""Records feedback for a prediction, or corrects it."""

import streamlit as st

from webapp.client.records import Record
from webapp.client.schema import Schema
from webapp.client.serving import Client, ServingError
from webapp.session import Session
from webapp.texts import say
from webapp.widgets.formats import local_time, named, plain


def show_correction(client: Client, schema: Schema, visit: Session, record: Record) -> None:
    if record.target is None:
        st.markdown(f"**{say('What should it have been?')}**")
    else:
        verdict = say("right") if record.target == record.prediction else say("wrong")
        when = "" if record.answered_at is None else f", {local_time(record.answered_at)}"
        answer = named(say("Answer"), f"**{plain(record.target)}**")
        st.markdown(f"{answer} :gray[({verdict}{when})]")
    for one in record.corrections:
        said = say("{before} became {after}", before=one.before, after=one.after)
        said = named(local_time(one.at), said)
        if one.actor:
            said += f" ({named(say('key'), one.actor)})"
        st.markdown(f":small[:gray[{plain(said)}]]")
    if objection := visit.objections.get(record.id):
        st.error(plain(objection))
    others = [label for label in schema.labels if label != record.target]
    guess = record.prediction if record.target is None else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = st.selectbox(
            say("Correct it to") if record.target else say("Answer"),
            others,
            index=others.index(guess) if guess in others else None,
            key=f"correct-to-{record.id}-{record.target}",
            placeholder=say("Choose"),
            width=220,
        )
        st.button(
            say("Correct") if record.target else say("Record"),
            key=f"correct-{record.id}-{record.target}",
            disabled=target is None,
            on_click=_send,
            args=(client, visit, record, target),
        )


def _send(client: Client, visit: Session, record: Record, target: str) -> None:
    try:
        receipt = client.answer(record.id, target, correct=record.target is not None)
    except ServingError as error:
        visit.objections[record.id] = f"{error} {say('Nothing was changed.')}"
    else:
        visit.receipts[record.id] = receipt  # the page Predict may still show it
        visit.objections.pop(record.id, None)
