"""Writes CSV that is safe to open in a spreadsheet."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence

WIDE = tuple("\uff1d\uff0b\uff0d\uff20")  # full-width forms of = + - @
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *WIDE)
# Where a comma is a decimal point a spreadsheet cuts cells at semicolons, inside quotes too.
PART = re.compile(rf"(?<=;)(?=[ \"']*[{re.escape(''.join(FORMULA))}])")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A cell that a spreadsheet could run as a formula gets an apostrophe; numbers stay numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([guard(name) for name in header])
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode(
        "utf-8-sig"
    )  # without the byte order mark Excel reads it as Latin-1


def guard(cell: object) -> str:
    text = PART.sub("'", "" if cell is None else str(cell))
    if text.lstrip(" ").startswith(FORMULA) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        return text.isascii() and "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False
