"""The tests as JUnit XML, which GitHub, GitLab and Jenkins show beside those of the code."""

import re
from collections.abc import Sequence
from datetime import datetime

# Only written with, so that nothing foreign is parsed.
from xml.etree.ElementTree import Element, SubElement, tostring  # nosec B405

from pipeline.data_tests.result import DataTest

UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(tests: Sequence[DataTest], at: datetime) -> bytes:
    failed = str(sum(not test.passed for test in tests))
    counts = {"tests": str(len(tests)), "failures": failed, "errors": "0", "skipped": "0"}
    root = Element("testsuites", counts)
    stamp = at.replace(microsecond=0, tzinfo=None).isoformat()
    suite = SubElement(root, "testsuite", {"name": "data tests", "timestamp": stamp, **counts})
    for test in tests:
        kind = test.check.replace(" ", "_")
        named = {"classname": f"data.{kind}", "name": _printable(test.name), "time": "0"}
        case = SubElement(suite, "testcase", named)
        if not test.passed:
            SubElement(case, "failure", {"message": _printable(f"{test.name} is {test.numbers}")})
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _printable(text: str) -> str:
    """XML has no way to write most control characters."""
    return UNPRINTABLE.sub("\ufffd", text)
