"""A button for each label with a key to press, and one to leave a prediction out."""

from collections.abc import Sequence

import streamlit as st

from webapp.client.records import Lent
from webapp.client.serving import Client
from webapp.components.enter_key import hear_enter
from webapp.review_page.queue import Queue
from webapp.texts import mark, say
from webapp.widgets.formats import plain

MOST_BUTTONS = 12
KEYS = 9  # labels with a key, which are the first ones
DIGITS = frozenset("0123456789")
RIGHT = mark("y")  # the key of yes


def offer_answers(client: Client, queue: Queue, lent: Lent, labels: Sequence[str]) -> None:
    """Enter confirms the prediction, unless another button has the focus."""
    hear_enter()
    st.button(
        say("It is {label}", label=plain(lent.prediction)),
        key=f"enter-right-{lent.id}",
        type="primary",
        shortcut=say(RIGHT),
        on_click=queue.answer,
        args=(client, lent, lent.prediction),
    )
    if len(labels) <= MOST_BUTTONS:
        with st.container(horizontal=True, key="review-labels"):
            for label, key in zip(labels, choose_keys(labels), strict=True):
                st.button(
                    plain(label),
                    key=f"review-{label}-{lent.id}",
                    shortcut=key,
                    on_click=queue.answer,
                    args=(client, lent, label),
                )
    else:
        _choose(client, queue, lent, labels)
    st.button(
        say("Skip"),
        key=f"review-skip-{lent.id}",
        type="tertiary",
        shortcut="s",
        on_click=queue.skip,
        args=(client, lent),
    )


def say_keys(labels: Sequence[str]) -> str:
    """The key of each label that has one."""
    keys = {"right": say(RIGHT).upper()}
    if len(labels) > MOST_BUTTONS:
        return say("Keys: Enter or {right} for right, S to skip.", **keys)
    if all(label in DIGITS for label in labels):
        return say("Keys: Enter or {right} for right, a digit for itself, S to skip.", **keys)
    last = min(len(labels), KEYS)
    text = mark(
        "Keys: Enter or {right} for right, 1 to {last} for the labels in their order, S to skip."
    )
    return say(text, last=last, **keys)


def choose_keys(labels: Sequence[str]) -> list[str | None]:
    """A digit is its own key; other labels have 1 to 9 in order."""
    if all(label in DIGITS for label in labels):
        return list(labels)
    return [str(place) if place <= KEYS else None for place in range(1, len(labels) + 1)]


def _choose(client: Client, queue: Queue, lent: Lent, labels: Sequence[str]) -> None:
    key = f"review-choice-{lent.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            say("No, it is"), labels, index=None, key=key, placeholder=say("Choose")
        )
        send = (client, lent, label)
        st.button(say("Record"), disabled=label is None, on_click=queue.answer, args=send)
