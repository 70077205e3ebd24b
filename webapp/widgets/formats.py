"""Numbers, times and labels in the words of the page."""

import datetime
import re
import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}\u202f%"


def number(value: float) -> str:
    """As short as six digits allow."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.4g}"


def ago(moment: float, now: float | None = None) -> str:
    """A unix time as a person would say it."""
    passed = max(0.0, (now or time.time()) - moment)
    for seconds, unit in UNITS:
        count = int(passed / seconds)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def local_time(moment: float) -> str:
    """A unix time on the visitor's clock."""
    try:
        zone: datetime.tzinfo = ZoneInfo(st.context.timezone or "UTC")
    except ZoneInfoNotFoundError:
        zone = datetime.UTC
    return f"{datetime.datetime.fromtimestamp(moment, zone):%Y-%m-%d %H:%M}"


def unix_time(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


def plain(text: str) -> str:
    """Text that comes from data, so that Streamlit's Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", text)
