"""Shows pictures as HTML, because Streamlit's own element loads numpy."""

import base64
import html
import io

import streamlit as st
from PIL import Image

PNG_MODES = ("1", "I", "I;16", "L", "LA", "P", "RGB", "RGBA")


def show_picture(picture: bytes | Image.Image, name: str, width: int | None = None) -> None:
    """Without a width it fills the page. Raises OSError if it cannot be read."""
    content = base64.b64encode(_write_png(picture, width)).decode()
    style = f"width:{width}px" if width else "width:100%"
    source = f"data:image/png;base64,{content}"
    st.html(f'<img src="{source}" alt="{html.escape(name)}" style="{style};max-width:100%">')


def _write_png(picture: bytes | Image.Image, width: int | None) -> bytes:
    """Twice the pixels of its size on the page, for screens of high resolution."""
    found = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else picture
    if width and found.width > 2 * width:
        found.thumbnail((2 * width, 2 * width * found.height // found.width))
    if found.mode not in PNG_MODES:
        found = found.convert("RGB")
    buffer = io.BytesIO()
    found.save(buffer, "PNG")
    return buffer.getvalue()
