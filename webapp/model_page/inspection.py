"""Inspects an uploaded table before training: the type that each column would get."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from webapp.client.inspection import InspectedTable
from webapp.client.serving import Client, ServingError
from webapp.texts import join_parts, mark, say, say_count
from webapp.widgets.formats import count, named, plain
from webapp.widgets.table import Value, show_table
from webapp.wording.inspection import say_finding

USUAL = "target"  # the target column if none is named
HINT = mark(
    "Which columns are numbers, dates or names, what would be left out, and what to look at. "
    "Nothing is kept, and the model is not touched."
)


def show_inspection(client: Client) -> None:
    st.header(say("Your own table"))
    st.markdown(f":small[:gray[{say(HINT)}]]")
    file = st.file_uploader(say("Look at a table"), key="inspect")
    if file is None:
        return
    try:
        first = client.inspect(file.name, file.getvalue(), "")
        names = [name for name in first.header if name]
        usual = names.index(USUAL) if USUAL in names else None
        target = st.selectbox(
            say("Column of the label"),
            names,
            index=usual,
            key="inspect-target",
            placeholder=say("Choose"),
        )
        known = target in (None, USUAL)  # the first inspection has it already
        found = first if known else client.inspect(file.name, file.getvalue(), str(target))
    except ServingError as error:
        st.error(plain(str(error)))
        return
    _show(file.name, found, target)


def _show(name: str, found: InspectedTable, target: str | None) -> None:
    rows = say_count("{rows} row", "{rows} rows", found.rows, rows=count(found.rows))
    st.markdown(f"**{named(plain(name), rows)}**")
    for note in found.notes:
        st.markdown(f":small[{plain(say_finding(note))}]")
    for warning in found.warnings:
        st.warning(plain(say_finding(warning)), icon=":material/warning:")
    show_table(say("Your own table"), [_describe(column) for column in found.columns])
    if target is None:
        return
    if found.trouble:
        st.error("\n\n".join(plain(say_finding(line)) for line in found.trouble.splitlines()))
        return
    labels = ", ".join(f"{label} {count(rows)}" for label, rows in list(found.labels.items())[:12])
    st.markdown(f"{say('Labels')} ({len(found.labels)}): {plain(labels)}")
    st.markdown(say("For `config.toml`, then `make fresh train`:"))
    st.code(found.settings, language="toml")


def _describe(column: Mapping[str, Any]) -> dict[str, Value]:
    return {
        say("column"): column["name"] or say("(no name)"),
        say("what it is"): join_parts(map(say_finding, (column["treatment"], *column["notes"]))),
        say("examples"): ", ".join(column["examples"]),
        say("unknown"): column["unknown"],
        say("distinct"): column["distinct"],
    }
