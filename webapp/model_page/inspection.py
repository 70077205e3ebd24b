"""A table looked at before anybody trains on it: what each column would be taken for."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from webapp.client.inspection import InspectedTable
from webapp.client.serving import Client, ServingError
from webapp.widgets.formats import plain

TYPES = ["csv", "tsv", "txt", "json", "jsonl", "xlsx", "parquet", "gz", "zip"]
USUAL = "target"  # the column that is taken where none is named
HINT = (
    "Which columns are numbers, dates or names, what would be left out, and what to look at. "
    "Nothing is kept, and the model is not touched."
)


def show_inspection(client: Client) -> None:
    st.subheader("Your own table")
    st.markdown(f":small[:gray[{HINT}]]")
    file = st.file_uploader("Look at a table", TYPES, key="inspect")
    if file is None:
        return
    try:
        first = client.inspect(file.name, file.getvalue(), "")
        names = [name for name in first.header if name]
        usual = names.index(USUAL) if USUAL in names else None
        target = st.selectbox(
            "Column of the label", names, index=usual, key="inspect-target", placeholder="choose"
        )
        known = target in (None, USUAL)  # the first look has it already
        found = first if known else client.inspect(file.name, file.getvalue(), str(target))
    except ServingError as error:
        st.error(plain(str(error)))
        return
    _show(found, target)


def _show(found: InspectedTable, target: str | None) -> None:
    st.markdown(f"**{found.rows:,} rows**")
    for note in found.notes:
        st.markdown(f":small[{plain(note)}]")
    for warning in found.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    st.dataframe([_describe(column) for column in found.columns], hide_index=True)
    if target is None:
        return
    if found.trouble:
        st.error(plain(found.trouble))
        return
    labels = ", ".join(f"{label} {rows:,}" for label, rows in list(found.labels.items())[:12])
    st.markdown(f"{len(found.labels)} labels: {plain(labels)}")
    st.markdown("For `config.toml`, then `make fresh train`:")
    st.code(found.settings, language="toml")


def _describe(column: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "column": column["name"] or "(no name)",
        "what it is": "; ".join((column["treatment"], *column["notes"])),
        "examples": ", ".join(column["examples"]),
        "unknown": column["unknown"],
        "distinct": column["distinct"],
    }
