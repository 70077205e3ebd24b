"""Columns of numbers, however they are written, and what looks odd in them."""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Numbers
from pipeline.cells.number_text import (
    COMMA,
    LARGEST,
    POINT,
    find_unit,
    parse_amount,
    parse_number,
    possible_marks,
    quote,
    read_numbers,
)
from pipeline.cells.words import UNKNOWN_WORDS
from pipeline.columns.column_text import ColumnText, Habits
from pipeline.data.schema import Feature, FeatureType
from pipeline.tables.table import InvalidDataset

LEAST_NUMBERS = 0.2  # of the cells, for one word among them to stand for unknown
FEW_VALUES = 20  # a column of so many may be of names, although most of them are numbers
TICKETS = 0.1  # the share of texts, each another, above which they are no mistakes among numbers
MOST_NAMED = 4
NUMBERS_AND_TEXT = "it holds numbers and text, and is read as categories"
SEVERAL_UNITS = "its numbers have several units; they are read as categories"
FAR = 1_000  # times the 99th percentile
NINES = re.compile(r"-?9{2,}(\.0+)?|-1")


def find_number(column: ColumnText, habits: Habits) -> Feature | None:
    """The feature, if all cells are numbers."""
    mark = _find_mark(column, habits)
    return None if mark is None else _make_number(column, mark, habits)


def _find_mark(column: ColumnText, habits: Habits) -> str | None:
    """The decimal mark under which all cells are numbers; None if there is none."""
    texts = list(column.known)
    wanted = column.own.decimal or habits.decimal
    plain = wanted != COMMA and not any("_" in text for text in texts)
    if plain and read_numbers(texts) is not None:
        return POINT
    marks = possible_marks(texts)
    if column.own.decimal:
        return column.own.decimal if column.own.decimal in marks else None
    if len(marks) < 2:
        return next(iter(marks), None)
    if habits.guessed and all(POINT in text for text in texts):  # 5.502, and never 850 beside it
        return POINT
    return wanted or POINT


def _make_number(column: ColumnText, mark: str, habits: Habits) -> Feature | None:
    texts = list(column.known)
    numbers = read_numbers(texts) if mark == POINT else None
    unit: str | None = ""
    if numbers is None:
        unit = find_unit(texts, mark)
        if unit is None:
            column.warn(SEVERAL_UNITS)
            return None
        numbers = np.array([parse_number(text, mark) for text in texts], dtype=np.float64)
        _note_writing(column, texts, mark, habits.guessed)
    elif habits.guessed:
        _note_guess(column, texts)
    if not (np.abs(numbers) <= LARGEST).all():
        return None
    kind: FeatureType = "integer" if (numbers == np.rint(numbers)).all() else "number"
    order = np.argsort(numbers, kind="stable")
    counts = np.cumsum(np.fromiter(column.known.values(), dtype=np.int64)[order])
    middle = float(numbers[order][np.searchsorted(counts, counts[-1] // 2, side="right")])
    _warn_code(column, numbers, texts)
    _warn_far(column, numbers)
    ends = (float(numbers.min()), float(numbers.max()))
    return Feature(
        column.name, kind, *ends, example=middle, reading=column.reading(mark, unit or "")
    )


def _note_writing(column: ColumnText, texts: Sequence[str], mark: str, guessed: bool) -> None:
    odd = next((text for text in texts if _is_read_otherwise(text, mark)), None)
    if odd is None:
        return
    column.notes.append(f"{quote(odd)} is read as {parse_number(odd, mark):.12g}")
    if COMMA in odd or guessed:
        _warn_mark(column, texts, odd, mark)


def _note_guess(column: ColumnText, texts: Sequence[str]) -> None:
    """Of a column of 5.502 in a file whose columns are cut by semicolons."""
    if pointed := next((text for text in texts if POINT in text), ""):
        _warn_mark(column, texts, pointed, POINT)


def _warn_mark(column: ColumnText, texts: Sequence[str], odd: str, mark: str) -> None:
    others = [other for other in possible_marks(texts) if other != mark]
    if others:
        column.warn(
            f"{quote(odd)} is read as {parse_number(odd, mark):.12g} and may be "
            f"{parse_number(odd, others[0]):.12g}; decimal sets it"
        )


def _is_read_otherwise(text: str, mark: str) -> bool:
    """Than Python reads it."""
    plain = read_numbers([text])
    return plain is None or (mark == COMMA and plain[0] != parse_number(text, mark))


def _warn_code(column: ColumnText, numbers: Numbers, texts: Sequence[str]) -> None:
    """A number of nines far from the rest, or alone below 0, in several cells often means unknown.

    Of amounts up to several thousands -999 is no further than these are from each other.
    """
    for place in {int(np.argmin(numbers)), int(np.argmax(numbers))}:
        rest, text = np.delete(numbers, place), texts[place]
        if not NINES.fullmatch(text) or column.known[text] < 2 or len(rest) < 5:
            continue
        gap = np.abs(rest - numbers[place]).min()
        below = numbers[place] < 0 <= rest.min() and (text != "-1" or rest.min() > 1)
        if gap > np.ptp(rest) or below:
            column.warn(
                f"{text} in {column.known[text]} cells is far from the rest ({rest.min():.6g} to "
                f'{rest.max():.6g}); if it means unknown, set missing = ["{text}"]'
            )


def _warn_far(column: ColumnText, numbers: Numbers) -> None:
    sizes = np.abs(numbers)
    usual = float(np.quantile(sizes, 0.99, method="lower")) if len(sizes) >= 100 else 0.0
    if 0 < usual * FAR < sizes.max():
        column.warn(
            f"{numbers[np.argmax(sizes)]:.6g} is far from the rest (99 % are below {usual:.6g})"
        )


def find_number_among_text(column: ColumnText, habits: Habits, forced: bool) -> Feature | None:
    """Numbers with one word for unknown among them; other text is a mistake in the file."""
    found = {mark: {t for t in column.known if _is_text(t, mark)} for mark in (POINT, COMMA)}
    first = habits.decimal or POINT
    mark = min(found, key=lambda mark: (len(found[mark]), mark != first))
    total = column.known.total()
    share = 1 - sum(column.known[text] for text in found[mark]) / total
    numbers = len(column.known) - len(found[mark])
    unknown = {text for text in found[mark] if text.lower() in UNKNOWN_WORDS}
    strays = found[mark] - unknown
    if share >= LEAST_NUMBERS and numbers > 2 and _mean_unknown(column, strays, numbers):
        for word in (*unknown, *strays):
            column.take_for_unknown(word)
        return _make_number(column, mark, habits)
    few = len(column.known) <= FEW_VALUES and len(column.known) <= total / 5
    tickets = len(strays) > FEW_VALUES and share <= 1 - TICKETS
    if (few or tickets) and share > 0.5 and not forced and all(map(_is_name, strays)):
        column.warn(NUMBERS_AND_TEXT)
        return None
    if strays and (share > 0.5 or forced):
        raise InvalidDataset(_refuse(column, strays, share))
    return None


def _mean_unknown(column: ColumnText, strays: set[str], numbers: int) -> bool:
    """Whether nothing is left but one word, repeated, among numbers of all sizes."""
    if not strays:
        return True
    word = next(iter(strays))
    plain = len(strays) == 1 and word.replace(" ", "").isalpha()
    return plain and column.known[word] > 1 and numbers > FEW_VALUES


def _is_name(text: str) -> bool:
    """Whether it is no number in any way of writing, nor one that is too large or infinite."""
    try:
        float(text)
    except ValueError:
        return parse_amount(text, POINT) is None and parse_amount(text, COMMA) is None
    return False


def _is_text(text: str, mark: str) -> bool:
    amount = parse_amount(text, mark)
    return amount is None or not abs(amount.value) <= LARGEST


def _refuse(column: ColumnText, strays: set[str], share: float) -> str:
    place = column.first_place(strays)
    if any(not (_is_text(text, COMMA) and _is_text(text, POINT)) for text in strays):
        return (
            f"{place} is no number written as the others of the column are. Write all with a "
            f"decimal point, or all with a decimal comma."
        )
    others = sorted(text for text in strays if not place.endswith(f": {text!r}"))
    if not others:
        return (
            f"{place} is not a finite number, as {share:.0%} of the column's cells are. Mend or "
            f"empty it; if it means unknown, name it in dataset.missing; if the column holds "
            f"names, put it in dataset.categorical."
        )
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return (
        f"{place} is not a finite number, as {share:.0%} of the column's cells are; nor are "
        f"{', '.join(map(quote, others[:MOST_NAMED]))}{more}. Mend or empty them; what means "
        f"unknown is named in dataset.missing; if the column holds names, put it in "
        f"dataset.categorical."
    )
