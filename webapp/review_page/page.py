"""Shows one prediction at a time to check, with keys to press."""

import time

import streamlit as st

from webapp.charts.quality import LEAST_ANSWERS, draw_known_quality
from webapp.client.records import Lent, Record
from webapp.client.schema import Schema
from webapp.client.serving import Client, ServingError
from webapp.review_page.buttons import offer_answers, say_keys
from webapp.review_page.queue import Queue
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import count, named, percent, plain
from webapp.widgets.observation import picture_width, show_features
from webapp.widgets.offline_notice import show_offline_notice
from webapp.widgets.pictures import show_picture
from webapp.widgets.probabilities import draw_bars, say_sure
from webapp.widgets.retraining_progress import show_retraining_progress
from webapp.widgets.why import show_why

STRATEGIES = {
    "mixed": mark("Most to learn from"),
    "unsure": mark("Least sure"),
    "unusual": mark("Most unusual"),
    "disagreement": mark("Versions disagree"),
    "random": mark("At random"),
}
REASONS = {
    "unsure": mark("The model hesitates here."),
    "unusual": mark("It is unlike what was learned from."),
    "disagreement": mark("The version before says something else."),
    "random": mark("Drawn at random, so that the quality is not estimated from hard cases alone."),
}
WEEK = 7 * 86_400
HINT = mark("Predictions without an answer, those first from which the model learns the most.")


def show(client: Client, visit: Session) -> None:
    st.title(say("Review"))
    visit.refresh_model(client)
    show_offline_notice(client, visit)
    if visit.schema is None or visit.trouble:
        return
    queue = _queue()
    st.markdown(f":gray[{say(HINT)} {say_keys(visit.schema.labels)}]")
    st.segmented_control(
        say("Which first"),
        list(STRATEGIES),
        format_func=lambda name: say(STRATEGIES[name]),
        default=queue.strategy,
        key="review-strategy",
        on_change=_choose,
        args=(client, queue),
        required=True,
    )
    queue.fill(client)
    left, right = st.columns([7, 4], gap="large")
    with left, st.container(border=True, key="result"):
        _show_next(client, visit, visit.schema, queue)
    with right, st.container(border=True, key="loop"):
        _show_progress(client, visit, queue)


def _queue() -> Queue:
    queue: Queue = st.session_state.setdefault("review", Queue())
    return queue


def _choose(client: Client, queue: Queue) -> None:
    queue.choose(client, st.session_state["review-strategy"])


def _show_next(client: Client, visit: Session, schema: Schema, queue: Queue) -> None:
    if queue.trouble:
        st.error(plain(queue.trouble))
    if not queue.waiting:
        st.info(say("No prediction of the live version waits for an answer. New ones appear here."))
        st.button(say("Look again"), key="review-again")
        return
    lent = queue.waiting[0]
    try:
        record = client.record(lent.id)
        picture = client.picture(lent.id) if schema.kind != "tabular" else None
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    _show_record(schema, record, picture, lent)
    offer_answers(client, queue, lent, schema.labels)
    show_why(client, lent.id, visit.explanations)


def _show_record(schema: Schema, record: Record, picture: bytes | None, lent: Lent) -> None:
    st.markdown(f":small[:gray[{say(REASONS[lent.why])}]]")
    if picture is not None:
        with st.container(key="asked", width="content"):
            width = max(180, picture_width(schema))
            show_picture(picture, say("What was observed"), width)
    else:
        show_features(record.features)
    said = named(plain(schema.target), f"**{plain(record.prediction)}**")
    st.markdown(f"{said}, {say_sure(record.confidence, record.version)}")
    if record.probabilities:
        st.vega_lite_chart(draw_bars(record.probabilities, record.prediction), key="review-bars")


def _show_progress(client: Client, visit: Session, queue: Queue) -> None:
    """Shows what was labelled here, when the next retraining comes, and quality over time."""
    st.markdown(f"**{say('This visit')}**")
    numbers = {"checked": count(queue.answered), "right": count(queue.right)}
    st.markdown(say("{checked} checked, {right} of them right", **numbers))
    show_retraining_progress(client, visit)
    try:
        now = time.time()
        history = client.history(now - WEEK, now)
    except ServingError as error:
        st.warning(plain(str(error)))
        return
    total = history.total
    if total.accuracy is not None:
        st.metric(say("Right by answers, last week"), percent(total.accuracy), border=True)
        numbers = {"labelled": count(total.labelled), "all": count(total.predictions)}
        answered = say("{labelled} of {all} predictions have an answer.", **numbers)
        harder = say("Checked rows are harder than others.")
        st.markdown(f":small[:gray[{answered} {harder}]]")
        if any(point.quality.labelled >= LEAST_ANSWERS for point in history.points):
            st.vega_lite_chart(draw_known_quality(history), key="review-curve")
