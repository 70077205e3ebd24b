"""The listed predictions as files."""

import io
from collections.abc import Sequence
from typing import Any

import pyarrow
import pyarrow.parquet
import streamlit as st

from webapp.client.records import Listed
from webapp.texts import say
from webapp.widgets.csv_export import write_csv

HEADER = ("time", "prediction", "confidence", "target", "corrected", "version", "prediction_id")


def offer_downloads(predictions: Sequence[Listed], target: str) -> None:
    rows = [_cells(one) for one in predictions]
    with st.container(horizontal=True):
        st.download_button(
            say("Download as CSV"),
            write_csv(_header(), rows),
            file_name=f"{target}-history.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            say("Download as Parquet"),
            write_parquet(rows),
            file_name=f"{target}-history.parquet",
            mime="application/octet-stream",
            on_click="ignore",
            icon=":material/download:",
        )


def _header() -> list[str]:
    said = [say("time"), say("prediction"), say("confidence"), say("target")]
    return [*said, say("corrected"), say("version"), HEADER[-1]]


def _cells(one: Listed) -> list[Any]:
    told = (one.target, one.corrected, one.version, one.id)
    return [one.at, one.prediction, one.confidence, *told]


def write_parquet(rows: Sequence[Sequence[Any]]) -> bytes:
    columns = dict(zip(HEADER, zip(*rows, strict=True), strict=True))
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({n: list(c) for n, c in columns.items()}), buffer)
    return buffer.getvalue()
