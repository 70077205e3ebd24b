"""Shows what was decided about the model, and why."""

import streamlit as st

from webapp.client.responses import Retraining
from webapp.widgets.formats import ago, plain

SIGNS = {
    "promoted": ":green-badge[promoted]",
    "rejected": ":orange-badge[rejected]",
    "failed": ":red-badge[failed]",
    "in shadow": ":blue-badge[in shadow]",
    "rolled back": ":violet-badge[rolled back]",
}
MOST_DECISIONS = 10


def show_decisions(retrainings: tuple[Retraining, ...]) -> None:
    st.subheader("Decisions")
    decided = [one for one in retrainings if one.state in SIGNS]
    if not decided:
        st.markdown(":gray[None yet. Every retraining ends here with its reason.]")
    for one in decided[:MOST_DECISIONS]:
        version = f"**Version {one.version}**" if one.version else "**No version**"
        moment = one.finished_at or one.requested_at
        with st.container(border=True, gap="small"):
            st.markdown(f"{version} {SIGNS[one.state]} :gray[{ago(moment)}, {plain(one.trigger)}]")
            st.markdown(plain(_sentence(one)))


def _sentence(one: Retraining) -> str:
    reason = one.reason.removeprefix(f"{one.state}: ")
    return reason[:1].upper() + reason[1:]
