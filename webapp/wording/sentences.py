"""Translates a sentence by the template that it fits; without one it stays in English."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from webapp.texts import current_language, say

REST = "rest"  # a placeholder for a sentence, which is translated too
AMOUNT = "amount"  # a placeholder for a number only
NUMBER = r"-?[\d,]+(?:\.\d+)?(?:e[-+]?\d+)?"
NUMBERS = (
    *("all", "amount", "end", "found", "high", "least"),
    *("low", "most", "number", "rows", "seconds", "share", "usual"),
)


def translate_by(
    templates: Sequence[str], sentence: str, parts: Mapping[str, Callable[[str], str]] | None = None
) -> str:
    """Translate by the first template that fits, without regard to a full stop at the end.

    `parts` has a translator for the values of some placeholders.
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
    """Write a number as in the language; leave anything else as it is."""
    if current_language() != "fr" or not (found := re.fullmatch(f"({NUMBER})(%| sd)?", value)):
        return value
    unit = {"%": "\u202f%", " sd": " \u00e9.-t."}.get(found[2], "")
    return found[1].replace(",", "\u202f").replace(".", ",") + unit
