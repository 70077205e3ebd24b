"""Writes numbers, times and labels in the language of the page."""

import datetime
import re
import time
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal

from webapp.texts import current_language, say

UNITS: tuple[tuple[Literal["day", "hour", "minute"], int], ...] = (
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
)
ISO = "yyyy-MM-dd HH:mm"
TIMES = {"en": ISO, "fr": "dd/MM/yyyy HH:mm"}
DAYS = {"en": "%b %d", "fr": "%d/%m"}
TICKS = {"en": "%Y-%m-%d %H:%M", "fr": "%d/%m/%Y %H:%M"}  # of charts


def named(name: str, value: str) -> str:
    """French has a space before a colon."""
    return say("{name}: {value}", name=name, value=value)


def percent(share: float | None) -> str:
    return "-" if share is None else f"{_write(100 * share, '#,##0.0')}\u202f%"


def count(rows: float) -> str:
    return _write(rows, "#,##0")


def points(change: float) -> str:
    """A share as a percentage."""
    return _write(change, "+0.0;-0.0")


def number(value: float) -> str:
    """At most six digits; a year has no comma."""
    digits = ".6g" if abs(value) < 10_000 else ",.6g" if abs(value) < 1e6 else ".4g"
    text = format(value, digits)
    if current_language() == "fr":
        text = text.replace(",", "\u202f").replace(".", ",")
    return text


def _write(value: float, pattern: str) -> str:
    return str(format_decimal(value, format=pattern, locale=current_language()))


def ago(moment: float, now: float | None = None) -> str:
    """A unix time in words, such as "5 minutes ago"."""
    passed = max(0.0, (now or time.time()) - moment)
    if passed < 60:
        return say("just now")
    unit, seconds = next(one for one in UNITS if passed >= one[1])
    whole = -int(passed / seconds) * datetime.timedelta(seconds=seconds)
    language = current_language()
    return format_timedelta(
        whole, granularity=unit, threshold=1e9, add_direction=True, locale=language
    )


def local_time(moment: float, form: str = "") -> str:
    """A unix time on the visitor's clock."""
    try:
        zone: datetime.tzinfo = ZoneInfo(st.context.timezone or "UTC")
    except ZoneInfoNotFoundError:
        zone = datetime.UTC
    when = datetime.datetime.fromtimestamp(moment, zone)
    language = current_language()
    return str(format_datetime(when, form or TIMES[language], tzinfo=zone, locale=language))


def tick_format() -> str:
    return TICKS[current_language()]


def day_format() -> str:
    return DAYS[current_language()]


def unix_time(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


def label(text: str) -> str:
    """A name from data as a widget's label.

    Less is escaped than in `plain`, because screen readers read the escapes of a label aloud.
    """
    inline = re.sub(r"([\\`*_\[\]<>~$&]|:(?=\w+:|//))", r"\\\1", text)
    return re.sub(r"^(\d*)([#+.)-])", r"\1\\\2", inline)  # would begin a heading or a list


def plain(text: str) -> str:
    """Escape text from data, so that Streamlit's Markdown shows it unchanged."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", text)
