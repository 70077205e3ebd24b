"""Numbers as people write them: 1 234,50 €, $1,234.50, 12 %, 1'234.5, 3e-4.

Which mark stands before the decimals cannot be told from 1,234 alone. `possible_marks` says what a
column allows; who reads a table decides by the rest of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Numbers

LARGEST = float(np.finfo(np.float32).max)  # what a classifier can hold
POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)
SPACES = " \u00a0\u2009\u202f"
APOSTROPHES = "'\u2019"
CURRENCIES = "€$£¥"
AMOUNT = re.compile(
    rf"""(?P<sign>[-+\u2212]?)\s*
    (?P<before>[{CURRENCIES}]|(?:EUR|USD|CHF|GBP)(?=[\s\d]))?\s*(?P<inner>[-\u2212]?)
    (?P<digits>\d[\d{SPACES}{APOSTROPHES}.,]*|[.,]\d+)
    (?P<exponent>[eE][-+]?\d+)?\s*
    (?P<after>[^\s\d.,;:{APOSTROPHES}"()\-+/][^\s\d,;:"()]{{0,6}})?""",
    re.VERBOSE,
)
OWED = re.compile(r"\((?P<amount>[^()]*)\)")  # (586.52) of bookkeepers
PLAIN = {mark: re.compile(rf"[-+]?\d+(?:{re.escape(mark)}\d+)?") for mark in MARKS}  # most are
MAGNITUDES = {"k", "K", "M", "Mio", "mio", "Mrd", "mrd", "Md", "bn", "B"}
PERCENT = "%"
ORDINALS = {"st", "nd", "rd", "th", "er", "re", "e", "ère", "ème", "eme", "ter", "te"}
GROUP = re.compile(r"\d{3}")
FIRST_GROUP = re.compile(r"[1-9]\d{0,2}")
CODE = re.compile(r"0\d+")  # a postal code, an article number: no amount begins with a nought


@dataclass(frozen=True)
class Amount:
    value: float
    unit: str  # "" where the number stands alone


def parse_amount(text: str, mark: str = POINT) -> Amount | None:
    """The number and its unit where this mark stands before decimals; None if it is no number."""
    text = text.strip()
    if owed := OWED.fullmatch(text):
        amount = parse_amount(owed["amount"], mark)
        return None if amount is None or amount.value < 0 else Amount(-amount.value, amount.unit)
    found = AMOUNT.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    written, unit = found["digits"].rstrip(SPACES), found["before"] or found["after"] or ""
    if unit.lower() in ORDINALS or (unit and written.endswith(MARKS)):
        return None  # 3rd and 2. Married are names
    digits = _join_digits(written, mark)
    if digits is None:
        return None
    negative = (found["sign"] in ("-", "\u2212")) != (found["inner"] in ("-", "\u2212"))
    value = float(("-" if negative else "") + digits + (found["exponent"] or ""))
    return Amount(value, unit)


def parse_number(text: str, mark: str = POINT) -> float | None:
    """The number without its unit."""
    if PLAIN[mark].fullmatch(text):
        return float(text.replace(mark, POINT))
    if mark == POINT and "_" not in text:
        try:
            return float(text)
        except ValueError:
            pass
    amount = parse_amount(text, mark)
    return None if amount is None else amount.value


def _join_digits(text: str, mark: str) -> str | None:
    """1 234,50 as 1234.50; None where groups are not of three digits or marks are mixed up."""
    whole, _, decimals = text.partition(mark)
    if decimals and not decimals.isdecimal():
        return None
    separators = {letter for letter in whole if not letter.isdecimal()}
    if not separators:
        return f"{whole or 0}.{decimals or 0}"
    if len(separators) > 1:
        return None
    first, *groups = whole.split(separators.pop())
    if not FIRST_GROUP.fullmatch(first) or not all(map(GROUP.fullmatch, groups)):
        return None
    return f"{first}{''.join(groups)}.{decimals or 0}"


def possible_marks(texts: Iterable[str]) -> frozenset[str]:
    """The decimal marks under which all of these are numbers."""
    marks = set(MARKS)
    for text in texts:
        marks = {mark for mark in marks if PLAIN[mark].fullmatch(text) or parse_amount(text, mark)}
        if not marks:
            break
    return frozenset(marks)


def find_unit(texts: Sequence[str], mark: str) -> str | None:
    """The one unit that stands with numbers, "" if none does, None if there are several.

    A number may lack its unit (12 kg, 9), but of 1.2k and 950 the one counts thousands, and of
    12 % and 0.12 the one hundredths.
    """
    amounts = [parse_amount(text, mark) for text in texts if not PLAIN[mark].fullmatch(text)]
    units = {amount.unit for amount in amounts if amount is not None} - {""}
    if len(units) > 1 or (units & (MAGNITUDES | {PERCENT}) and _are_mixed(texts, mark, units)):
        return None
    return units.pop() if units else ""


def _are_mixed(texts: Sequence[str], mark: str, units: set[str]) -> bool:
    """Whether numbers without the unit count something else; 0 is the same in all."""
    amounts = (parse_amount(text, mark) for text in texts)
    bare = [abs(one.value) for one in amounts if one is not None and not one.unit and one.value]
    return bool(bare) and (PERCENT not in units or max(bare) <= 1)


def quote(text: str) -> str:
    """As it is told to people: the spaces of a typesetter as plain ones."""
    return repr("".join(" " if letter in SPACES else letter for letter in text))


def read_numbers(texts: Sequence[str]) -> Numbers | None:
    """All of these as plain numbers that a classifier can hold, or None."""
    try:
        numbers = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    return numbers if (np.abs(numbers) <= LARGEST).all() else None
