"""Translates texts of the page: English is in the code, other languages are in catalogues.

`say` and `say_count` translate. `mark` marks a text that is translated later, for the test that
collects all texts.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = {"en": "English", "fr": "Français"}
Catalogue = Mapping[str, str | tuple[str, ...]]


def current_language() -> str:
    """The language chosen on the page or in the address, else the browser's, else English."""
    for chosen in (st.session_state.get("language"), st.query_params.get("lang")):
        if chosen in LANGUAGES:
            return str(chosen)
    return _browsers_language()


def keep_language() -> None:
    """Put the language into the address, so that it outlives a reload; not that of the browser."""
    language = current_language()
    known = st.query_params.get("lang")
    if language != known and (known is not None or language != _browsers_language()):
        st.query_params["lang"] = language


def _browsers_language() -> str:
    wanted = (st.context.locale or "en").partition("-")[0].lower()
    return wanted if wanted in LANGUAGES else "en"


def say(text: str, /, **values: Any) -> str:
    """Translate a text and fill in its `{names}`."""
    said = read_catalogue(current_language()).get(text, text)
    template = said if isinstance(said, str) else said[0]
    return template.format(**values) if values else template


def say_count(one: str, many: str, count: int, /, **values: Any) -> str:
    """Translate the text for one or for many things."""
    language = current_language()
    said = read_catalogue(language).get(one, (one, many))
    single = count <= 1 if language == "fr" else count == 1
    template = said if isinstance(said, str) else said[0 if single else 1]
    return template.format(**values)


def join_parts(parts: Iterable[str]) -> str:
    """Join with semicolons, before which French has a space."""
    return ("; " if current_language() == "en" else "\u00a0; ").join(parts)


def mark(text: str) -> str:
    return text


@lru_cache
def read_catalogue(language: str) -> Catalogue:
    """The translation of each text; for texts in two forms (one, many) both."""
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=language)
    return {_key(message.id): _form(message.string) for message in found if message.id}


def _key(text: Any) -> str:
    return str(text if isinstance(text, str) else text[0])


def _form(text: Any) -> str | tuple[str, ...]:
    return text if isinstance(text, str) else tuple(text)
