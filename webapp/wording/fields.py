"""Names the field of a request that a message of serving is about, as the page shows it."""

import re

from webapp.texts import mark, say

NAMES = {
    "file": mark("The file"),
    "file.header": mark("The header of the file"),
    "features": mark("The features"),
    "rows": mark("The rows"),
    "body": mark("The request"),
    "query.version": mark("The version"),
    "query.subject": mark("The subject"),
    "query.label": mark("The label"),
    "path.prediction_id": mark("The id"),
}
OF_FILE = {"image": mark("The picture"), "audio": mark("The sound"), "video": mark("The film")}
OF_FEEDBACK = {"target": mark("The answer"), "prediction": mark("The prediction")}
NO_LABEL = "is not a label"  # tells the target from a column of that name
OF_CELL = ("must be ", "must lie ", "is missing (")  # and image
PLACES = (
    (re.compile(r"file\.line (?P<line>\d+)\.(?P<name>.+)", re.DOTALL), 0),
    (re.compile(r"file\.line (?P<line>\d+)"), 0),
    (re.compile(r"rows\.(?P<line>\d+)\.(?P<name>.+)", re.DOTALL), 1),  # serving counts from 0
)


def name_field(field: str, reason: str) -> str:
    """A column keeps its name, which is not translated."""
    for pattern, first in PLACES:
        if found := pattern.fullmatch(field):
            line = int(found["line"]) + first
            words = say("Line {line} of the file", line=line)
            if first:
                words = say("Row {line}", line=line)
            name = found.groupdict().get("name")
            return f"{words}, {_name(name, reason)}" if name else words
    return _name(field, reason)


def _name(field: str, reason: str) -> str:
    names = dict(NAMES)
    if not reason.startswith(OF_CELL):
        names |= OF_FILE
    if reason.startswith(NO_LABEL):
        names |= OF_FEEDBACK
    return say(names[field]) if field in names else field
