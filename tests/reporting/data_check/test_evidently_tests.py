"""Evidently's tests and ours say the same of the same rows."""

from datetime import UTC, datetime

import pytest

from pipeline.data_tests.result import DataTest
from reporting.data_check.evidently_tests import sections_of
from reporting.evidently_reports.sections import OmittedSection, draw
from tests.support.made_data.tested_rows import FAULTS, make_suite
from tests.support.made_data.tested_rows import draw as draw_rows

METRICS = {
    "missing": "MissingValueCount",
    "out of range": "OutRangeValueCount",
    "new category": "OutListValueCount",
    "drift": "ValueDrift",
    "duplicates": "DuplicatedRowCount",
    "constant": "ConstantColumnsCount",
    "unknown label": "OutListValueCount",
    "label share": "CategoryCount",
    "accuracy": "Accuracy",
}
CASES = {"nothing": lambda rows: rows, **FAULTS}
AT = datetime(2026, 1, 1, tzinfo=UTC)


def key_of(test: DataTest):
    if test.check == "label share":
        return METRICS[test.check], "target", test.subject
    column = {"unknown label": "target", "constant": None}.get(test.check, test.subject)
    return METRICS[test.check], column or None, None


def key_of_evidently(params):
    (category,) = params.get("categories") or [None]
    return params["type"].rpartition(":")[2], params.get("column"), category


def ask_evidently(suite, rows, tests):
    """What each of its tests says, by metric, column and category."""
    found = {}
    for section in sections_of(suite, rows, tests):
        drawn = draw(section, AT)
        assert not isinstance(drawn, OmittedSection), drawn
        for result in drawn.metric_results.values():
            for test in result.tests:
                key = key_of_evidently(test.metric_config.params)
                found[key] = found.get(key, True) and test.status.value == "SUCCESS"
    return found


@pytest.mark.parametrize("rows", [60, 300])
@pytest.mark.parametrize("case", CASES)
def test_both_say_the_same_of_every_test(case, rows):
    suite = make_suite()
    given = CASES[case](draw_rows(rows, 1))
    tests = suite.run(given)
    ours = {key_of(test): test.passed for test in tests}
    assert ask_evidently(suite, given, tests) == ours
