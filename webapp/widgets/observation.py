"""The features of an observation, as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from webapp.client.schema import Value
from webapp.texts import say


def show_features(features: Mapping[str, Value] | Sequence[Value] | None) -> None:
    if features is None:
        return
    pairs = features.items() if isinstance(features, Mapping) else enumerate(features, start=1)
    rows = [{say("feature"): str(name), say("value"): _cell(value)} for name, value in pairs]
    st.dataframe(rows, hide_index=True, height=min(420, 38 + 35 * len(rows)))


def _cell(value: Any) -> str:
    return say("unknown") if value is None else str(value)
