"""Labels as clients send them: text, numbers, true or false; as the schema knows them: text."""

from pipeline.data.observation import canonical_label
from pipeline.data.schema import Schema
from serving.errors import Invalid


def read_label(schema: Schema, field: str, given: str | bool | float) -> str:
    """The label that is meant: 7, 7.0 and "7" are the same, true is "True" or "true"."""
    spellings = [canonical_label(given)]
    if isinstance(given, bool):
        spellings += [str(given).lower(), str(int(given))]
    for spelling in spellings:
        if spelling in schema.labels:
            return spelling
    known = ", ".join(schema.labels[:20]) + (", ..." if len(schema.labels) > 20 else "")
    raise Invalid(field, f"is not a label of this dataset; the labels are {known}")
