"""The page about the model: the live version, its parent, all versions, and why each came to be."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from webapp.client.responses import Retraining
from webapp.client.serving import Client, ServingError
from webapp.model_page.admin import show_admin
from webapp.model_page.decisions import show_decisions
from webapp.model_page.inspection import show_inspection
from webapp.session import Session
from webapp.widgets.formats import ago, local_time, percent, plain, unix_time
from webapp.widgets.offline_notice import show_offline_notice
from webapp.widgets.retraining_progress import show_retraining_progress
from webapp.widgets.scores import show_scores

Manifest = Mapping[str, Any]
WORDS = {"holdout": "rows never trained on", "recent": "recent rows of feedback"}
SHOWN = ("balanced_accuracy", "accuracy", "f1")


def show(client: Client, visit: Session) -> None:
    st.title("Model")
    visit.look(client)
    show_offline_notice(client, visit)
    if visit.trouble:
        return
    try:
        versions, decisions = client.models(), client.loop(limit=50).retrainings
    except ServingError as error:
        st.warning(str(error))
        return
    _show_live(versions, decisions)
    with st.container(border=True, key="loop"):
        show_retraining_progress(client, visit)
    show_decisions(decisions)
    _show_versions(versions)
    show_inspection(client)
    show_admin(client, visit, versions)


def _show_live(versions: list[dict[str, Any]], decisions: Sequence[Retraining]) -> None:
    live = next((one for one in versions if one["live"]), None)
    if live is None or "refused" in live:
        st.warning("The live version cannot be read any more; serving holds it in memory.")
        return
    parent = next((one for one in versions if one["version"] == live.get("parent")), None)
    rows = live["rows"]
    made = unix_time(live["created_at"])
    st.subheader(f"Version {live['version']} is live")
    st.markdown(
        f":gray[{plain(live['classifier']['name'])}, made {ago(made)} ({plain(live['trigger'])}) "
        f"from {rows['reference']:,} reference rows and {rows['production']:,} rows of feedback]"
    )
    for name, words in WORDS.items():
        if scores := live["scores"].get(name):
            before = _find_before(name, live["version"], parent, decisions)
            st.markdown(f"**On {scores['rows']:,} {words}**")
            show_scores({name: scores[name] for name in SHOWN}, before)
    if parent is not None:
        st.markdown(f":small[:gray[Compared with its parent, version {parent['version']}.]]")
    with st.expander("By label"):
        _show_labels(live["scores"]["holdout"]["classes"])


def _find_before(
    name: str, version: str, parent: Manifest | None, decisions: Sequence[Retraining]
) -> Mapping[str, float | None]:
    """The parent's scores on the same rows: the holdout stays, recent rows do not."""
    if name == "holdout":
        scores: Mapping[str, float | None] = (parent or {}).get("scores", {}).get(name) or {}
        return scores
    promoted = (one for one in decisions if one.version == version and one.state == "promoted")
    numbers = next((one.numbers for one in promoted), {})
    return {"balanced_accuracy": numbers.get(f"live_{name}")}


def _show_labels(classes: Mapping[str, Manifest]) -> None:
    rows = [
        {
            "label": label,
            "precision": percent(scores["precision"]),
            "recall": percent(scores["recall"]),
            "rows": scores["rows"],
        }
        for label, scores in classes.items()
    ]
    st.dataframe(rows, hide_index=True)


def _show_versions(versions: list[dict[str, Any]]) -> None:
    st.subheader("Versions")
    st.dataframe([_describe(one) for one in versions], hide_index=True)


def _describe(version: Manifest) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "version": version["version"],
        "live": "live" if version["live"] else "",
    }
    if "refused" in version:
        return {**facts, "why": version["refused"]}
    scores = version["scores"]
    return {
        **facts,
        "why": version.get("decision") or version["trigger"],
        "holdout": percent(scores["holdout"]["balanced_accuracy"]),
        "recent": percent((scores.get("recent") or {}).get("balanced_accuracy")),
        "rows": sum(version["rows"][name] for name in ("reference", "production")),
        "made": local_time(unix_time(version["created_at"])),
        "parent": version["parent"] or "",
    }
