"""Shows the log of decisions about versions, with reasons."""

import streamlit as st

from webapp.client.responses import Retraining
from webapp.texts import mark, say
from webapp.widgets.formats import ago, plain
from webapp.wording.trainer import say_reason, say_trigger

SIGNS = {
    mark("promoted"): "green",
    mark("rejected"): "orange",
    mark("failed"): "red",
    mark("in shadow"): "blue",
    mark("rolled back"): "violet",
}
MOST_DECISIONS = 10


def show_decisions(retrainings: tuple[Retraining, ...]) -> None:
    st.header(say("Decisions"))
    decided = [one for one in retrainings if one.state in SIGNS]
    if not decided:
        st.markdown(f":gray[{say('None yet. Every retraining ends here with its reason.')}]")
    for one in decided[:MOST_DECISIONS]:
        named = say("Version {version}", version=one.version)
        version = f"**{named if one.version else say('No version')}**"
        moment = one.finished_at or one.requested_at
        with st.container(border=True, gap="small"):
            asked = plain(say_trigger(one.trigger, one.actor))
            st.markdown(f"{version} {_sign(one)} :gray[{ago(moment)}, {asked}]")
            st.markdown(plain(_sentence(one)))


def _sign(one: Retraining) -> str:
    if one.by_hand:
        return f":green-badge[{say('put live')}]"
    return f":{SIGNS[one.state]}-badge[{say(one.state)}]"


def _sentence(one: Retraining) -> str:
    reason = say_reason(one.reason.removeprefix(f"{one.state}: "))
    return reason[:1].upper() + reason[1:]
