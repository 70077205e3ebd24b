"""Finds a sentence among templates; one that is not there stays as it was written."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from webapp.texts import current_language, say

REST = "rest"  # a value of this name is a sentence itself
AMOUNT = "amount"  # and one of this name nothing but a number
NUMBER = r"-?[\d,]+(?:\.\d+)?(?:e[-+]?\d+)?"
NUMBERS = (
    *("all", "amount", "end", "found", "high", "least"),
    *("low", "most", "number", "rows", "seconds", "share", "usual"),
)


def translate_by(
    templates: Sequence[str], sentence: str, parts: Mapping[str, Callable[[str], str]] | None = None
) -> str:
    """By the first template that fits; a point at the end belongs to neither.

    `parts` translates values by their name.
    """
    text = sentence.removesuffix(".")
    for template in templates:
        if found := _as_pattern(template).fullmatch(text):
            values = found.groupdict()
            if REST in values:
                values[REST] = translate_by(templates, values[REST], parts)
            for name, translate in (parts or {}).items():
                if name in values:
                    values[name] = translate(values[name])
            values.update({name: _localize(values[name]) for name in NUMBERS if name in values})
            return say(template, **values) + sentence[len(text) :]
    return sentence


@lru_cache(maxsize=512)
def _as_pattern(template: str) -> re.Pattern[str]:
    named = re.sub(r"\\{(\w+)\\}", _name_group, re.escape(template))
    return re.compile(named, re.DOTALL)


def _name_group(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>{NUMBER if found[1] == AMOUNT else '.+?'})"


def _localize(value: str) -> str:
    """A number in the form of the language; anything else as it is."""
    if current_language() != "fr" or not (found := re.fullmatch(f"({NUMBER})(%| sd)?", value)):
        return value
    unit = {"%": "\u202f%", " sd": " \u00e9.-t."}.get(found[2], "")
    return found[1].replace(",", "\u202f").replace(".", ",") + unit
