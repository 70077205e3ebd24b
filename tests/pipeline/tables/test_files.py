"""Files as people have them: `tests/data/files.toml` says what each is read as, or why not."""

import tomllib

import pytest

from pipeline.columns.inspection import inspect_table
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.read_table import read_table
from pipeline.tables.table import InvalidDataset
from tests.support.processes.servers import ROOT

DATA = ROOT / "tests/data"
CASES = tomllib.loads((DATA / "files.toml").read_text(encoding="utf-8"))["case"]


def inspect(case):
    source = str(DATA / "files" / case["file"])
    wanted = DatasetSettings(source=source, **case.get("set", {}))
    return inspect_table(read_table(wanted), wanted, test_share=0.5)  # of a few rows


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}-{case.get('set', '')}")
def test_a_file_is_read_or_refused_in_words(case):
    if "refused" in case:
        try:
            trouble = inspect(case).trouble
        except InvalidDataset as error:
            trouble = str(error)
        assert case["refused"] in trouble.replace(f"{DATA / 'files'}/", "")
        return
    found = inspect(case)
    assert found.trouble == ""
    kinds = [f"-{c.left_out}" if c.left_out else c.feature.type for c in found.columns]
    assert kinds == case["columns"]
    assert list(found.notes) == case.get("notes", [])
    assert dict(found.labels) == case["labels"]
    assert list(found.warnings()) == case.get("warned", list(found.warnings()))


def test_no_file_is_forgotten():
    assert {case["file"] for case in CASES} == {path.name for path in (DATA / "files").iterdir()}
