"""Translates how reporting describes the change of a drifted column."""

from webapp.texts import mark, say
from webapp.wording.sentences import translate_by

CHANGES = (
    mark("sd higher"),
    mark("sd lower"),
    mark("sd apart, as if in other units"),
    mark("sd apart, spread wider"),
    mark("sd apart, spread narrower"),
    mark("sd apart, in shape"),
    mark("of the rows hold one value"),
    mark("of the rows far outside the range"),
    mark("of the rows more missing"),
    mark("of the rows fewer missing"),
    mark("of the rows in a new category"),
    mark("of the rows more are '{name}'"),
    mark("of the rows fewer are '{name}'"),
    mark("of correlation lost"),
    mark("of correlation lost, as if swapped with '{name}'"),
)


CHECKS = {
    "missing": mark("missing"),
    "out_of_range": mark("out of range"),
    "new_category": mark("new category"),
}


def say_check(check: str) -> str:
    return say(CHECKS[check]) if check in CHECKS else check.replace("_", " ")


def say_change(change: str) -> str:
    return translate_by(CHANGES, change)
