"""check_data.py as a command: what a scheduler sees of it."""

import os
import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

pytestmark = pytest.mark.slow  # each run imports Evidently


def check(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "check_data.py", *map(str, arguments)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_dataset_passes_with_0(mixed, tmp_path):
    table = mixed.folder / "table.csv"
    done = check(tmp_path, "--current", table, **mixed.environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [
        "All data tests passed.",
        "reporting/reports/data_tests.html, .json and .xml have all of it.",
    ]
    assert (tmp_path / "reporting/reports/data_tests.xml").is_file()


def test_a_limit_that_is_not_kept_fails_with_3(mixed, tmp_path):
    table = tmp_path / "table.csv"
    lines = (mixed.folder / "table.csv").read_text().splitlines(keepends=True)
    table.write_text("".join([lines[0], *lines[1:101] * 3]))
    done = check(tmp_path, "--current", table, "--out", "out", **mixed.environment)
    assert done.returncode == 3
    assert "FAILED duplicates: 66.7% of 300 rows" in done.stdout


def test_nothing_to_compare_with_is_an_error_and_a_sentence(tmp_path):
    done = check(tmp_path, "--last", 500)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
