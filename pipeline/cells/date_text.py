"""Dates as people write them: 2024-01-31, 31/01/2024 14:05, 12 mars 2021, 20240131, 14:30.

A date becomes its days since 1970, with the time of day as a fraction. Which of day and month
stands first cannot be told from 03/04/2024 alone: `possible_orders` says what a column allows.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)
SECONDS_A_DAY = 86_400
YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "year first", "day first", "month first"
NAMED, COMPACT, TIME_ONLY = "month by name", "eight digits", "time of day"
FORMATS = {DAY_FIRST: "%d/%m/%Y", MONTH_FIRST: "%m/%d/%Y", COMPACT: "%Y%m%d"}
MONTHS = {
    name[:length]: number
    for number, names in enumerate(
        (
            "january janvier", "february février fevrier", "march mars", "april avril", "may mai",
            "june juin", "july juillet", "august août aout", "september septembre",
            "october octobre", "november novembre", "december décembre decembre",
        ),
        start=1,
    )
    for name in names.split()
    for length in {3, 4, len(name)}
}  # fmt: skip
MONTHS.update(juin=6, juil=7, jui=7)
CLOCK = r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
TIME = rf"(?:(?:T|,?\s+){CLOCK}\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?"
PATTERNS = {
    YEAR_FIRST: rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?){TIME}",
    DAY_FIRST: (
        rf"(?P<day>\d\d?)(?:(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<year>\d{{4}})"
        rf"|(?:/(?P<month2>\d\d?)/|(?<=\b\d\d)(?P<mark2>[-.])(?P<month3>\d\d)(?P=mark2))"
        rf"(?P<year2>\d\d)){TIME}"
    ),
    MONTH_FIRST: (
        rf"(?P<month>\d\d?)(?:(?P<mark>[-/.])(?P<day>\d\d?)(?P=mark)(?P<year>\d{{4}})"
        rf"|(?:/(?P<day2>\d\d?)/|(?<=\b\d\d)(?P<mark2>[-.])(?P<day3>\d\d)(?P=mark2))"
        rf"(?P<year2>\d\d)){TIME}"
    ),
    NAMED: (
        rf"(?:(?P<day>\d\d?)(?:er|st|nd|rd|th)?[\s-]+(?P<name>[^\W\d]{{3,9}})\.?"
        rf"|(?P<name2>[^\W\d]{{3,9}})\.?\s+(?P<day2>\d\d?)(?:st|nd|rd|th)?,?)"
        rf"[\s-]+(?P<year>\d{{4}}){TIME}"
    ),
    COMPACT: r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)",
    TIME_ONLY: rf"{CLOCK}\s*(?P<half>[AaPp]\.?[Mm]\.?)?",
}
ORDERS = tuple(PATTERNS)
COMPILED = {order: re.compile(pattern) for order, pattern in PATTERNS.items()}


def parse_date(text: str, order: str) -> float | None:
    """Days since 1970 in UTC, or as the clock on the wall says where no zone is given."""
    found = COMPILED[order].fullmatch(text.strip())
    if found is None:
        return None
    try:
        return _days(found.groupdict())
    except (ValueError, OverflowError):  # no such day
        return None


def _days(part: dict[str, str | None]) -> float:
    moment = datetime(_year(part), _month(part), _day(part))
    if part.get("hour"):
        moment += _time_of_day(part)
    if (zone := part.get("zone")) and zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        moment -= (-1 if zone[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)
    return (moment - EPOCH).total_seconds() / SECONDS_A_DAY


def _day(part: dict[str, str | None]) -> int:
    return int(part.get("day") or part.get("day2") or part.get("day3") or 1)


def _year(part: dict[str, str | None]) -> int:
    if short := part.get("year2"):
        return int(short) + (1900 if int(short) >= 69 else 2000)
    return int(part.get("year") or EPOCH.year)


def _month(part: dict[str, str | None]) -> int:
    if name := part.get("name") or part.get("name2"):
        if name.lower() not in MONTHS:
            raise ValueError(name)
        return MONTHS[name.lower()]
    return int(part.get("month") or part.get("month2") or part.get("month3") or 1)


def _time_of_day(part: dict[str, str | None]) -> timedelta:
    hour, minute, second = (int(part.get(name) or 0) for name in ("hour", "minute", "second"))
    if half := part.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(half)
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError(hour)
    fraction = float(f"0.{part.get('part') or 0}")
    return timedelta(hours=hour, minutes=minute, seconds=second + fraction)


def possible_orders(texts: Iterable[str]) -> tuple[str, ...]:
    """The ways of writing a date under which all of these are one."""
    orders = ORDERS
    for text in texts:
        orders = tuple(order for order in orders if parse_date(text, order) is not None)
        if not orders:
            break
    return orders


def write_date(days: float, order: str) -> str:
    """ISO, without a time where it is midnight; the inverse of parse_date."""
    moment = EPOCH + timedelta(seconds=round(days * SECONDS_A_DAY))
    if order == TIME_ONLY:
        return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    if moment.time() == EPOCH.time():
        return moment.strftime("%Y-%m-%d")
    return moment.isoformat()


def write_in_order(days: float, order: str) -> str:
    """As the column has it: 31/01/2024 where the day stands first. An example for people."""
    if order not in FORMATS:
        return write_date(days, order)
    moment = EPOCH + timedelta(seconds=round(days * SECONDS_A_DAY))
    return moment.strftime(FORMATS[order] + (" %H:%M" if moment.time() != EPOCH.time() else ""))


def date_reader(order: str) -> Callable[[str], float | None]:
    """Reads dates in this order, and ISO always: what we write ourselves is read back."""

    def read(text: str) -> float | None:
        found = parse_date(text, order)
        return parse_date(text, YEAR_FIRST) if found is None and order != TIME_ONLY else found

    return read
