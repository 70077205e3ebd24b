"""Tests rows against the live version's reference: `python -m reporting.data_check.check`.

Started by scripts/check_data.py. The exit code is 0 when all tests pass and 3 when one fails.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline.data_tests.result import DataTest, Rows
from pipeline.data_tests.suite import failed_of
from pipeline.durable_files import write_atomic
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.settings import InvalidSetting, Settings, load_settings
from pipeline.tables.table import InvalidDataset
from reporting.data_check.evidently_tests import list_tests, sections_of
from reporting.data_check.junit import write_junit
from reporting.data_check.tested_rows import Baseline, open_baseline, read_file, read_latest
from reporting.evidently_reports.document import Report, compose, heading, table
from reporting.evidently_reports.sections import draw
from reporting.subprocesses import ALONE

FAILED = 3  # the exit code
NAME = "data_tests"  # of the files
COLUMNS = ("test", "tests", "passed", "worst", "numbers of the worst")


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    os.environ.update(ALONE)
    options = read_options()
    try:
        sys.exit(run(load_settings(), options))
    except (InvalidSetting, InvalidDataset, UntrustedArtifact, ObjectsUnavailable) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="check_data.py", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--current", type=Path, metavar="FILE", help="a table like the dataset")
    which.add_argument("--last", type=int, metavar="ROWS", help="the latest feedback on record")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the HTML, JSON and XML")
    options = parser.parse_args()
    if options.last is not None and options.last < 1:
        parser.error("--last needs one row at least")
    return options


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Test, print, write, and give the exit code."""
    baseline = open_baseline(settings)
    if options.current is not None:
        rows, source = read_file(settings, baseline, options.current), str(options.current)
    else:
        rows = read_latest(settings, baseline, options.last)
        source = f"the latest {len(rows)} rows of feedback"
    least = settings.data_tests.minimum_rows
    if len(rows) < least:
        raise InvalidSetting(f"{source}: {len(rows)} rows, {least} are needed to test them.")
    tests = baseline.suite.run(rows)
    folder = options.out or settings.reporting.reports
    at = datetime.now(UTC)
    report = report_on(baseline, rows, source, tests, at)
    report.write(folder, NAME)
    write_atomic(folder / f"{NAME}.xml", write_junit(tests, at))
    for left in report.left_out:
        print(f"{left.title} is left out of the report: {left.reason}", file=sys.stderr)
    print(describe(baseline, rows, source, tests))
    print(f"{folder / NAME}.html, .json and .xml have all of it.")
    return FAILED if failed_of(tests) else 0


def report_on(
    baseline: Baseline, rows: Rows, source: str, tests: Sequence[DataTest], at: datetime
) -> Report:
    sections = list(sections_of(baseline.suite, rows, tests))
    drawn = [draw(section, at) for section in sections]
    listed = list_tests(drawn)
    facts = {
        "version": baseline.version,
        "current": source,
        "rows": len(rows),
        "passed": not failed_of(tests),
        "data_tests": [test.facts() for test in tests],
    }
    failed = [(test.name, test.numbers) for test in failed_of(tests)]
    summary = [
        heading(say_result(tests)),
        table(f"{source} against version {baseline.version}", COLUMNS, summarise(tests)),
        *([table("Tests that failed", ("test", "found"), failed)] if failed else []),
        *listed,
    ]
    untitled = [("", section) for section in drawn]
    return compose(f"Data tests of {source}", at, summary, untitled, {}, facts)


def say_result(tests: Sequence[DataTest]) -> str:
    failed = len(failed_of(tests))
    return f"{failed} of {len(tests)} data tests failed" if failed else "All data tests passed"


def summarise(tests: Sequence[DataTest]) -> list[tuple[str, str, str, str, str]]:
    """A row for each kind of test."""
    rows: list[tuple[str, str, str, str, str]] = []
    for check in dict.fromkeys(test.check for test in tests):
        own = [test for test in tests if test.check == check]
        passed = sum(test.passed for test in own)
        worst = max(own, key=_excess)
        rows.append((check, str(len(own)), str(passed), worst.subject, worst.numbers))
    return rows


def _excess(test: DataTest) -> tuple[bool, float]:
    """How near a test is to its limit, or how far beyond."""
    if test.least is not None and test.most is None:
        return not test.passed, test.least - test.found
    return not test.passed, test.found / max(test.most or 0, 1e-9)


def describe(baseline: Baseline, rows: Rows, source: str, tests: Sequence[DataTest]) -> str:
    head = f"{source}: {len(rows):,} rows against version {baseline.version}"
    lines = [COLUMNS, *summarise(tests)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    cells = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    failed = [f"FAILED {test.name}: {test.numbers}" for test in failed_of(tests)]
    return "\n".join([head, *cells, *failed, f"{say_result(tests)}."])


if __name__ == "__main__":
    main()
