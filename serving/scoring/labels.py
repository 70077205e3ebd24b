"""Labels as clients send them: text, numbers, true or false; as the schema knows them: text."""

from math import isfinite

from pipeline.cells.number_text import MARKS, parse_number
from pipeline.data.observation import canonical_label
from pipeline.data.schema import Schema
from serving.errors import Invalid


def read_label(schema: Schema, field: str, given: str | bool | float) -> str:
    """The label that is meant: 7, 7.0 and "7" are the same, true is "True" or "true".

    Spaces and capitals may differ; where labels are ranges of an amount, an amount is in one.
    """
    spellings = [canonical_label(given)]
    if isinstance(given, bool):
        spellings += [str(given).lower(), str(int(given))]
    for spelling in spellings:
        if spelling in schema.labels:
            return spelling
    text = spellings[0].strip()
    alike = [label for label in schema.labels if label.casefold() == text.casefold()]
    if len(alike) == 1:
        return alike[0]
    if schema.bins and (amount := _amount(given)) is not None:
        return schema.bin_of(amount)
    known = ", ".join(schema.labels[:20]) + (", ..." if len(schema.labels) > 20 else "")
    raise Invalid(field, f"is not a label of this dataset; the labels are {known}")


def _amount(given: str | float) -> float | None:
    if isinstance(given, bool):
        return None
    numbers = (parse_number(canonical_label(given), mark) for mark in MARKS)
    return next((number for number in numbers if number is not None and isfinite(number)), None)
