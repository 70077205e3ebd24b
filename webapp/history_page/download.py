"""Downloads the listed predictions as files."""

import io
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from webapp.client.records import Listed
from webapp.texts import say
from webapp.widgets.csv_export import write_csv
from webapp.widgets.formats import local_time

TYPES = ("float64", "utf8", "float64", "utf8", "bool", "utf8", "utf8")  # of the columns
CLOCK = "yyyy-MM-dd HH:mm:ss"  # as spreadsheets in any language can read it


def offer_downloads(predictions: Sequence[Listed], target: str) -> None:
    rows = [_cells(one) for one in predictions]
    with st.container(horizontal=True):
        st.download_button(
            say("Download as CSV"),
            write_csv(_header(), ((_write_time(at), *rest) for at, *rest in rows)),
            file_name=f"{target}-history.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            say("Download as Parquet"),
            partial(write_parquet, _header(), rows),  # when it is asked for
            file_name=f"{target}-history.parquet",
            mime="application/octet-stream",
            on_click="ignore",
            icon=":material/download:",
        )


def _write_time(at: float) -> str:
    return local_time(at, CLOCK)


def _header() -> list[str]:
    said = [say("time"), say("prediction"), say("confidence"), say("target")]
    return [*said, say("corrected"), say("version"), say("prediction_id")]


def _cells(one: Listed) -> list[Any]:
    told = (one.target, one.corrected, one.version, one.id)
    return [one.at, one.prediction, one.confidence, *told]


def write_parquet(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Imports Arrow here, because it is rarely needed."""
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet as write_table

    made: dict[str, Any] = {
        name: Array(list(cells), getattr(DataType, kind)())
        for name, kind, cells in zip(header, TYPES, zip(*rows, strict=True), strict=True)
    }
    times = Array([round(1_000 * row[0]) for row in rows], DataType.int64())
    made[header[0]] = times.cast(DataType.timestamp("ms", tz="UTC"))
    buffer = io.BytesIO()
    write_table(Table.from_pydict(made), buffer)
    return buffer.getvalue()
