"""The row of sample pictures to click."""

import base64
from pathlib import Path

import streamlit as st

from webapp.client.observations import Picture, Recording
from webapp.client.schema import Schema
from webapp.session import Session
from webapp.texts import say

MOST_SAMPLES, MOST_BYTES = 10, 100_000
TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}


def offer_samples(folder: Path, schema: Schema, visit: Session) -> None:
    """A button for each of a few pictures; nothing if there are none."""
    chosen = choose_samples(folder)
    if not chosen:
        return
    st.markdown(f"**{say('Click a sample')}**")
    with st.container(horizontal=True, gap="small", key="samples"):
        for path in chosen:
            content = path.read_bytes()
            picture = (
                f"data:{TYPES[path.suffix.lower()]};base64,{base64.b64encode(content).decode()}"
            )
            st.button(
                f"![{path.stem}]({picture})",
                key=f"sample-{path.name}",
                on_click=visit.ask,
                args=(_observe(schema, path.name, content),),
            )


def _observe(schema: Schema, name: str, content: bytes) -> Picture | Recording:
    if schema.kind == "video":
        return Recording(name, content, "video")
    return Picture(name, content)


def choose_samples(folder: Path) -> list[Path]:
    """At most ten, spread evenly over the folder, so that all labels appear."""
    if not folder.is_dir():
        return []
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in TYPES]
    small = [path for path in paths if path.stat().st_size <= MOST_BYTES]
    step = max(1, -(-len(small) // MOST_SAMPLES))
    return small[::step]
