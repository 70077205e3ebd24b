"""Shows how many labels are missing for the next retraining, or the progress of a retraining."""

import time

import streamlit as st

from webapp.client.responses import Loop, Retraining
from webapp.client.serving import Client, ServingError
from webapp.session import Session
from webapp.texts import say, say_count
from webapp.widgets.formats import count, plain
from webapp.wording.trainer import say_reason, say_stage

QUICK, SLOW = 1.0, 10.0  # seconds between updates, with and without a retraining
PATIENCE = 20.0  # seconds in the queue after which there seems to be no trainer


def show_retraining_progress(client: Client, visit: Session) -> None:
    """A part of the page that refreshes itself without disturbing what the visitor enters."""
    if visit.trouble:
        return
    pace = SLOW if visit.followed is None else QUICK
    st.fragment(_show, run_every=pace)(client, visit)


def _show(client: Client, visit: Session) -> None:
    try:
        loop = client.loop()
        followed, active = visit.followed, loop.active
        if followed is None and active is not None:
            visit.followed, visit.outcome = active.id, None
        elif followed is not None:
            _follow(client, visit, loop, followed)
    except ServingError as error:
        st.warning(str(error))
        return
    if visit.followed != followed:
        st.rerun()  # to change the pace, and to show the new version in the head of the page
    if active is not None:
        _show_progress(active)
        return
    if visit.followed is not None:
        st.progress(0.99, text=say("The new version goes live …"))
    if visit.outcome is not None:
        _show_outcome(visit.outcome)
    _show_counter(loop)


def _follow(client: Client, visit: Session, loop: Loop, followed: int) -> None:
    """Follow a retraining until it is decided and the promoted version answers."""
    job = loop.find(followed) or client.retraining(followed)
    if job is not None and job.active:
        return
    if job is not None and job.state == "superseded" and loop.active is not None:
        visit.followed = loop.active.id
        return
    if job is not None and job.state == "promoted":
        newest = next((one for one in loop.retrainings if one.state != "superseded"), job)
        if client.model()["version"] != job.version and newest.id == job.id:
            return
    visit.followed, visit.outcome = None, job


def _show_progress(job: Retraining) -> None:
    waited = time.time() - job.requested_at
    if job.state == "running":
        doing = say("Retraining: {stage}", stage=plain(say_stage(job.stage)))
        st.progress(min(job.progress, 1.0), text=doing)
    elif job.reason:
        waits, why = say("Retraining waits for another try"), plain(say_reason(job.reason))
        st.progress(0.0, text=f"{waits}: {why}")
    elif waited > PATIENCE:
        st.progress(0.0, text=say("Retraining waits in the queue. Does scripts/trainer.py run?"))
    else:
        st.progress(0.0, text=say("Retraining is next in the queue"))


def _show_outcome(job: Retraining) -> None:
    said = say_reason(job.reason)
    reason = plain(said[:1].upper() + said[1:])
    if job.state == "promoted":
        live = say("Version {version} is live", version=job.version)
        st.success(f"**{live}.** {reason}.", icon=":material/autorenew:")
    elif job.state == "failed":
        st.error(f"{say('The retraining failed.')} {reason}.")
    else:
        st.info(f"{say('The live version stays.')} {reason}.")


def _show_counter(loop: Loop) -> None:
    share = (loop.every - loop.remaining) / loop.every
    st.progress(share, text=say_remaining(loop.remaining))


def say_remaining(answers: int) -> str:
    return say_count(
        "{answers} more answer until the next retraining",
        "{answers} more answers until the next retraining",
        answers,
        answers=count(answers),
    )
