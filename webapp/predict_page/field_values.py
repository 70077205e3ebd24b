"""Reads and writes values as people type them, in the language of the page."""

import datetime
import re

from babel.dates import format_date

from webapp.client.schema import Feature, Value
from webapp.texts import current_language

NUMBERS = ("number", "integer")
PLAIN_NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d+)?([eE][-+]?\d{1,2})?", re.ASCII)
DECIMAL_COMMA = {
    "fr": re.compile(r"[-+]?\d{1,15},\d+", re.ASCII),
    "en": re.compile(r"[-+]?\d{1,15},(\d{1,2}|\d{4,})", re.ASCII),  # 1,234 may be a thousand
}
GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+\.\d+", re.ASCII)  # 1,234.50 cannot be read otherwise
THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+", re.ASCII)  # 1.234 if decimals are written 1,5
EPOCH = datetime.datetime(1970, 1, 1)
DATES = {"day first": "%d/%m/%Y", "month first": "%m/%d/%Y", "eight digits": "%Y%m%d"}
BY_NAME, TIME_ONLY = "month by name", "time of day"


def understand(feature: Feature, entered: Value) -> Value:
    """Read a plain number; serving reads any other text as it read the dataset, and reports how."""
    if isinstance(entered, str) and not entered.strip():
        return None
    if feature.type in NUMBERS and isinstance(entered, str):
        entered = entered.strip()
        if PLAIN_NUMBER.fullmatch(entered):
            return float(entered) if re.search(r"[.eE]", entered) else int(entered)
    return entered


def understand_pasted(feature: Feature, cell: str) -> Value:
    """Read a cell of another table as serving would, and also a decimal point for a comma."""
    text = cell.strip()
    other = feature.type in NUMBERS and feature.decimal == "," and "." in text
    if other and not (current_language() == "fr" and THOUSANDS.fullmatch(text)):
        return understand(feature, with_point(feature, text))
    return text or None


def with_point(feature: Feature, entered: Value) -> Value:
    """Write a number with a decimal point, if it is typed in the form of the language."""
    if feature.type in NUMBERS and isinstance(entered, str):
        plain_text = entered.strip()
        if DECIMAL_COMMA[current_language()].fullmatch(plain_text):
            return plain_text.replace(",", ".")
        if GROUPED.fullmatch(plain_text):
            return plain_text.replace(",", "")
    return entered


def in_language(feature: Feature, value: Value) -> Value:
    """Its inverse."""
    french = current_language() == "fr" and feature.type in NUMBERS
    if french and isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
        return value.replace(".", ",")
    return value


def write_example(feature: Feature) -> Value:
    """The example in the type of the widget; None if unknown."""
    if feature.type == "text":
        return None  # its example is a list of words, and no real text
    if feature.type in NUMBERS and feature.example is not None:
        return f"{feature.example:.15g}"  # typed text: serving reads it as it read the file
    if feature.type == "date" and isinstance(feature.example, str):
        return _write_date_text(feature.example, feature.order)
    return feature.example


def write_date(days: float, order: str) -> str:
    """Write days since 1970 as the dataset writes dates."""
    moment = EPOCH + datetime.timedelta(seconds=round(days * 86_400))
    if order == TIME_ONLY:
        return moment.strftime("%H:%M")
    return _write_day(moment, order)


def _write_date_text(example: str, order: str) -> str:
    """Write an ISO date of serving in the form of the dataset, with its time if it has one."""
    try:
        moment = datetime.datetime.fromisoformat(example)
    except ValueError:
        return example
    day = _write_day(moment, order)
    return f"{day} {moment:%H:%M}" if moment.time() != EPOCH.time() else day


def _write_day(moment: datetime.datetime, order: str) -> str:
    if order == BY_NAME:
        return str(format_date(moment, "d MMMM yyyy", locale=current_language()))
    return moment.strftime(DATES.get(order, "%Y-%m-%d"))
