"""Translates which data tests failed, as the trainer lists them in a reason."""

from webapp.texts import join_parts, mark, say
from webapp.wording.sentences import translate_by

CHECKS = (
    mark("missing"),
    mark("out of range"),
    mark("new category"),
    mark("drift"),
    mark("duplicates"),
    mark("constant"),
    mark("unknown label"),
    mark("label share"),
    mark("accuracy"),
)
FOUND = (
    mark("{check} is {found} of {all} rows, at least {least} and at most {most} allowed"),
    mark("{check} is {found} of {all} rows, at least {least} allowed"),
    mark("{check} is {found} of {all} rows, at most {most} allowed"),
    mark("and {number} more"),
)
OF_ONE = (mark("{check} of '{subject}'"),)


def say_tests(tests: str) -> str:
    """The tests one after another, in the order of the sentence."""
    return join_parts(_say_one(one) for one in tests.split("; "))


def _say_one(test: str) -> str:
    return translate_by(FOUND, test, {"check": _say_check})


def _say_check(named: str) -> str:
    return say(named) if named in CHECKS else translate_by(OF_ONE, named, {"check": _say_check})
