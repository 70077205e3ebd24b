"""Columns as people have them: `tests/data/columns.toml` says what each is understood as."""

import csv
import math
import tomllib
from dataclasses import replace

import pytest

from pipeline.columns.column_encoding import encode_rows
from pipeline.columns.inspection import inspect_table
from pipeline.data.observation import encode_observation, parse_cell
from pipeline.data.revealing import reveal, write_cell
from pipeline.data.schema import Schema
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.csv_table import read_csv_table
from tests.support.processes.servers import ROOT

CASES = tomllib.loads((ROOT / "tests/data/columns.toml").read_text(encoding="utf-8"))["case"]
ROWS = 24
LABELS = "aabbaba" * 50


def cells_of(case):
    rows = case.get("rows", ROWS)
    if "distinct" in case:
        return [case["distinct"].format(n=number) for number in range(1000, 1000 + rows)]
    if "copy" in case:
        return [case["copy"][label] for label in LABELS[:rows]]
    cells = [case["cells"][row % len(case["cells"])] for row in range(rows)]
    return [cell.replace("{n}", str(row)) for row, cell in enumerate(cells)]


def name_of(case):
    shown = case.get("distinct") or case.get("copy") or case["cells"]
    return f"{case.get('name', 'x')}-{shown}-{case.get('set', '')}"[:60]


def write_table(path, name, cells):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([name, "other", "target"])
        writer.writerows((cell, row * 0.7 % 5, LABELS[row]) for row, cell in enumerate(cells))
    return read_csv_table(path)


@pytest.fixture
def understand(tmp_path):
    def look(case):
        table = write_table(tmp_path / "own.csv", case.get("name", "x"), cells_of(case))
        return table, inspect_table(table, DatasetSettings(**case.get("set", {})))

    return look


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_column_is_understood_as_a_person_would(understand, case):
    table, found = understand(case)
    if "refused" in case:
        assert case["refused"] in found.trouble
        return
    assert not found.trouble
    report = found.columns[0]
    assert report.left_out == case.get("left_out", "")
    if "type" in case:
        assert report.feature.type == case["type"]
    if "values" in case:
        numbers = encode_rows(table, [report.feature])[: len(case["values"]), 0].tolist()
        wanted = [math.nan if value == "gap" else value for value in case["values"]]
        assert numbers == pytest.approx(wanted, nan_ok=True, abs=1e-9)
    assert case.get("said", "") in "; ".join(report.notes)
    warned = "; ".join(report.warnings)
    assert case["warned"] in warned if case.get("warned") else not ("warned" in case and warned)


@pytest.mark.parametrize(("step", "warning"), [(1, "rise from row"), (-1, "of its own")])
def test_times_of_a_row_each_are_kept(tmp_path, step, warning):
    """Years, of which one is lacking: sorted, in either direction, they may be measured."""
    years = [str(year) for year in range(1900, 2000)[::step] if year != 1942]
    table = write_table(tmp_path / "own.csv", "x", years)
    report = inspect_table(table, DatasetSettings()).columns[0]
    assert (report.left_out, len(report.warnings)) == ("", 1)
    assert warning in report.warnings[0]


@pytest.mark.parametrize("case", [case for case in CASES if "type" in case], ids=name_of)
def test_a_value_is_understood_as_the_file_was(understand, case):
    """Text in a request, a cell of an upload, and a value shown again and sent back."""
    table, found = understand(case)
    feature = found.columns[0].feature
    features = replace(found.columns[0], left_out="").learned
    schema = Schema("tabular", "target", ("a", "b"), features)
    rows = encode_rows(table, features)
    for cell, row in zip(table.column(feature.name)[:8], rows[:8].tolist(), strict=True):
        wanted = pytest.approx(row, nan_ok=True, abs=1e-9)
        assert encode_observation(schema, [cell]) == wanted
        assert encode_observation(schema, {feature.name: parse_cell(feature, cell)}) == wanted
        shown = reveal(schema, row)[feature.name]
        again = parse_cell(feature, write_cell(feature, shown))
        assert encode_observation(schema, [again]) == pytest.approx(row, nan_ok=True, abs=1e-4)
