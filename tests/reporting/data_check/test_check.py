"""check_data.py as CI runs it: exit code, printed table, HTML, JSON and JUnit XML."""

import argparse
import csv
import json
from xml.etree import ElementTree

import pytest

from pipeline.settings import InvalidSetting
from pipeline.tables.table import InvalidDataset
from reporting.data_check import check
from tests.support.models_and_records.loops import Loop, give_feedback


@pytest.fixture(scope="module")
def table(mixed):
    """The header and the rows of the dataset."""
    with (mixed.folder / "table.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def run_on(installation, folder, header, rows):
    """Test some rows; the exit code."""
    with (folder / "current.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    options = argparse.Namespace(current=folder / "current.csv", last=None, out=folder / "out")
    return check.run(installation.settings(), options)


def test_rows_of_the_dataset_pass(mixed, table, tmp_path, capsys):
    assert run_on(mixed, tmp_path, *table) == 0
    printed = capsys.readouterr().out
    assert "All data tests passed." in printed
    assert "current.csv: 300 rows against version 0001" in printed


def test_a_fault_fails_and_is_named_in_each_file(mixed, table, tmp_path, capsys):
    header, rows = table
    place = header.index("plan")
    damaged = [[*row[:place], "gold", *row[place + 1 :]] for row in rows[:40]] + rows[40:]
    assert run_on(mixed, tmp_path, header, damaged) == 3
    assert "FAILED new category of 'plan': 13.3% of 300 rows" in capsys.readouterr().out
    told = json.loads((tmp_path / "out/data_tests.json").read_text())
    failed = [test["subject"] for test in told["data_tests"] if not test["passed"]]
    assert (told["passed"], failed) == (False, ["plan"])
    assert b"new category of" in (tmp_path / "out/data_tests.html").read_bytes()


def test_junit_has_a_case_for_each_test_and_a_failure_for_each_that_failed(mixed, table, tmp_path):
    header, rows = table
    run_on(mixed, tmp_path, header, [["", *row[1:]] for row in rows[:60]] + rows[60:])
    suite = ElementTree.parse(tmp_path / "out/data_tests.xml").getroot()[0]
    told = json.loads((tmp_path / "out/data_tests.json").read_text())["data_tests"]
    assert len(suite.findall("testcase")) == int(suite.get("tests")) == len(told)
    failures = suite.findall("testcase/failure")
    assert int(suite.get("failures")) == len(failures) == 1
    assert failures[0].get("message").startswith("missing of 'age' is 20.0% of 300 rows")


def test_text_among_numbers_counts_as_missing(mixed, table, tmp_path, capsys):
    header, rows = table
    run_on(mixed, tmp_path, header, [["old", *row[1:]] for row in rows[:60]] + rows[60:])
    assert "FAILED missing of 'age': 20.0% of 300 rows" in capsys.readouterr().out


def test_without_labels_the_rest_is_tested(mixed, table, tmp_path, capsys):
    header, rows = table
    assert run_on(mixed, tmp_path, header[:-1], [row[:-1] for row in rows]) == 0
    assert "label share" not in capsys.readouterr().out


def test_a_file_without_a_column_is_an_error(mixed, table, tmp_path):
    header, rows = table
    with pytest.raises(InvalidDataset, match="has no column 'age'"):
        run_on(mixed, tmp_path, header[1:], [row[1:] for row in rows])


def test_a_file_that_is_not_there_is_an_error(mixed, tmp_path):
    options = argparse.Namespace(current=tmp_path / "none.csv", last=None, out=tmp_path)
    with pytest.raises(InvalidDataset, match=r"none.csv: there is no such file"):
        check.run(mixed.settings(), options)


def test_few_rows_are_an_error(mixed, table, tmp_path):
    header, rows = table
    with pytest.raises(InvalidSetting, match="10 rows, 30 are needed to test them"):
        run_on(mixed, tmp_path, header, rows[:10])


def test_pictures_are_tested_on_record_alone(digits, tmp_path):
    with pytest.raises(InvalidSetting, match="with --last"):
        run_on(digits, tmp_path, ["a"], [["1"]] * 50)


def test_the_latest_feedback_is_tested(cancer, tmp_path, capsys):
    loop = Loop(cancer.copy(tmp_path / "cancer"))
    give_feedback(loop, rows=60, first=0)
    loop.engine.dispose()
    options = argparse.Namespace(current=None, last=50, out=tmp_path / "out")
    assert check.run(loop.settings, options) == 0
    assert "the latest 50 rows of feedback: 50 rows against" in capsys.readouterr().out
