"""Finds a sentence among templates; one that is not there stays as it was written."""

import re
from collections.abc import Sequence
from functools import lru_cache

from webapp.texts import say

REST = "rest"  # a value of this name is a sentence itself


def translate_by(templates: Sequence[str], sentence: str) -> str:
    """By the first template that fits; a point at the end belongs to neither."""
    text = sentence.removesuffix(".")
    for template in templates:
        if found := _as_pattern(template).fullmatch(text):
            values = found.groupdict()
            if REST in values:
                values[REST] = translate_by(templates, values[REST])
            return say(template, **values) + sentence[len(text) :]
    return sentence


@lru_cache(maxsize=512)
def _as_pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(template)), re.DOTALL)
