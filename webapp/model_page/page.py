"""Shows the live version, its parent, all versions, and why each was made."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from webapp.client.responses import Retraining
from webapp.client.serving import Client, ServingError
from webapp.model_page.admin import show_admin
from webapp.model_page.decisions import show_decisions
from webapp.model_page.inspection import show_inspection
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.formats import ago, count, plain, unix_time
from webapp.widgets.offline_notice import show_offline_notice
from webapp.widgets.retraining_progress import show_retraining_progress
from webapp.widgets.scores import show_scores
from webapp.widgets.table import Value, link_cell, share_cell, show_table, time_cell
from webapp.wording.serving import translate
from webapp.wording.trainer import say_reason, say_trigger

Manifest = Mapping[str, Any]
WORDS = {
    "holdout": mark("On {rows} rows never trained on"),
    "recent": mark("On {rows} recent rows of feedback"),
}
SHOWN = ("balanced_accuracy", "accuracy", "f1")


def show(client: Client, visit: Session) -> None:
    st.title(say("Model"))
    visit.refresh_model(client)
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
    show_admin(client, visit, versions, decisions)


def _show_live(versions: list[dict[str, Any]], decisions: Sequence[Retraining]) -> None:
    live = next((one for one in versions if one["live"]), None)
    if live is None or "refused" in live:
        text = say("The live version cannot be read any more; serving holds it in memory.")
        st.warning(text)
        return
    parent = next((one for one in versions if one["version"] == live.get("parent")), None)
    rows = live["rows"]
    made = unix_time(live["created_at"])
    st.header(say("Version {version} is live", version=live["version"]))
    told = say(
        "{classifier}, made {when} ({trigger}) from {reference} reference rows "
        "and {production} rows of feedback",
        classifier=plain(live["classifier"]["name"]),
        when=ago(made),
        trigger=plain(say_trigger(live["trigger"])),
        reference=count(rows["reference"]),
        production=count(rows["production"]),
    )
    st.markdown(f":gray[{told}]")
    for name, words in WORDS.items():
        if scores := live["scores"].get(name):
            before = _find_before(name, live["version"], parent, decisions)
            st.markdown(f"**{say(words, rows=count(scores['rows']))}**")
            show_scores({name: scores[name] for name in SHOWN}, before)
    if parent is not None:
        beside = say("Compared with its parent, version {version}.", version=parent["version"])
        st.markdown(f":small[:gray[{beside}]]")
    with st.expander(say("By label")):
        _show_labels(live["scores"]["holdout"]["classes"])


def _find_before(
    name: str, version: str, parent: Manifest | None, decisions: Sequence[Retraining]
) -> Mapping[str, float | None]:
    """The parent's scores on the holdout, whose rows stay the same; recent rows change."""
    if name == "holdout":
        scores: Mapping[str, float | None] = (parent or {}).get("scores", {}).get(name) or {}
        return scores
    promoted = (one for one in decisions if one.version == version and one.state == "promoted")
    numbers = next((one.numbers for one in promoted), {})
    return {"balanced_accuracy": numbers.get(f"live_{name}")}


def _show_labels(classes: Mapping[str, Manifest]) -> None:
    rows: list[dict[str, Value]] = [
        {
            say("label"): label,
            say("precision"): share_cell(scores["precision"]),
            say("recall"): share_cell(scores["recall"]),
            say("rows"): scores["rows"],
        }
        for label, scores in classes.items()
    ]
    show_table(say("By label"), rows)


def _show_versions(versions: list[dict[str, Any]]) -> None:
    st.header(say("Versions"))
    show_table(say("Versions"), [_describe(one) for one in versions])


def _describe(version: Manifest) -> dict[str, Value]:
    facts: dict[str, Value] = {
        say("version"): version["version"],
        say("live"): say("live") if version["live"] else "",
    }
    if "refused" in version:
        return {**facts, say("why"): translate(version["refused"])}
    scores = version["scores"]
    return {
        **facts,
        say("why"): say_reason(version.get("decision") or "") or say_trigger(version["trigger"]),
        say("holdout"): share_cell(scores["holdout"]["balanced_accuracy"]),
        say("recent"): share_cell((scores.get("recent") or {}).get("balanced_accuracy")),
        say("rows"): sum(version["rows"][name] for name in ("reference", "production")),
        say("made"): time_cell(unix_time(version["created_at"])),
        say("parent"): version["parent"] or "",
        **link_of(version),
    }


def link_of(version: Manifest) -> dict[str, Value]:
    """A link to its run of the tracking server. Only http(s) addresses become links."""
    url = version.get("run_url") or ""
    linked = url.startswith(("http://", "https://"))
    return {say("run"): link_cell("MLflow", url)} if linked else {}
