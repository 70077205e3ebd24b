"""Which columns of a table are learned from, and why the others are not. The settings overrule it.

A number of a client or a name stands for its row alone: what is learned from it holds for no other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.arrays import Labels
from pipeline.cells.number_text import read_numbers
from pipeline.columns.column_text import Habits, find_habits
from pipeline.columns.column_types import MOST_CATEGORIES, ColumnReport, infer_column
from pipeline.columns.number_columns import NUMBERS_AND_TEXT, SEVERAL_UNITS
from pipeline.data.schema import Feature
from pipeline.progress import Progress, no_progress
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.table import InvalidDataset, Table

ENOUGH_ROWS = 20  # of fewer nothing is concluded
NEARLY_EMPTY = 0.95  # of the cells are unknown
MANY_ROWS = 50  # of which each has a greater number than that before it
RISING = "its numbers rise from row to row; if they count the rows, put it in dataset.ignore"
NUMBERED = "each row has a number of its own; if it only names the row, put it in dataset.ignore"
EXPECTED_TWINS = 12  # where measurements would be equal so often, and none are: once in 160,000
NEARLY_DISTINCT = 0.5  # so many values, as a share of the rows: a category says nothing of others
IDENTIFIER_NAME = re.compile(
    r"(?i:(?:.*[\s_.#-])?(?:id|uuid|guid|key|index|idx|no|nr|n°|num|number|num[ée]ro|row|rownames"
    r"|rang|client|customer|patient|code|ref|reference|identifiant|matricule|dossier|siren|siret"
    r"|commande|facture|compte|order|account|invoice|unnamed: ?\d+))|.*[a-z](?:Id|ID)|.*№"
)
PERSON_NAME = re.compile(r"(?i:(?:.*[\s_.#-])?(?:id|client|customer|patient))|.*[a-z](?:Id|ID)")
MANY_PERSONS = 0.2  # numbers of persons, as a share of the rows, where each may have several
MOST_TROUBLES = 10  # that are told at once
LEFT_OUT = {
    "ignored": "left out, as the settings say",
    "empty": "left out: every cell is empty",
    "nearly empty": "left out: almost every cell is empty",
    "constant": "left out: one value in all rows",
    "index": "left out: the first column has no name, as the index of pandas or R",
    "row number": "left out: it counts the rows",
    "identifier": "left out: it names single rows",
    "rare values": "left out: of too many values each is rare",
    "units": "left out: its numbers have several units",
    "copy": "left out: it says the same as the target",
}


def understand_columns(
    table: Table, wanted: DatasetSettings, targets: Labels, progress: Progress = no_progress
) -> list[ColumnReport]:
    """A report for each column but the target, in the order of the table."""
    _check_names(table, wanted)
    names = [name for name in table.header if name != wanted.target]
    habits = find_habits(table, [name for name in names if name not in wanted.ignore], wanted)
    reports = []
    for done, name in enumerate(names, start=1):
        if name in wanted.ignore:
            reports.append(ColumnReport(name, left_out="ignored"))
        else:
            reports.append(_understand(table, name, wanted, habits, targets))
        progress("reading columns", done / len(names))
    enough = any(report.learned or report.trouble for report in reports)
    return reports if enough else _keep_doubtful(reports)


def _understand(
    table: Table, name: str, wanted: DatasetSettings, habits: Habits, targets: Labels
) -> ColumnReport:
    try:
        report = infer_column(table, name, wanted, habits)
    except InvalidDataset as error:
        return ColumnReport(name, trouble=str(error))
    forced = name in wanted.categorical or name in wanted.columns
    return report if forced else _leave_out(table, report, targets)


def name_troubles(reports: Sequence[ColumnReport]) -> str:
    """Why the table cannot be trained on, a line for each column; nothing if it can."""
    troubles = [report.trouble for report in reports if report.trouble]
    more = len(troubles) - MOST_TROUBLES
    said = troubles[:MOST_TROUBLES] + ([f"{more} more columns cannot be read."] if more > 0 else [])
    return "\n".join(said)


def nothing_to_learn(table: Table, wanted: DatasetSettings, reports: Sequence[ColumnReport]) -> str:
    """Why there is no feature; nothing if there is one."""
    if any(report.learned for report in reports):
        return ""
    said = "; ".join(line for report in reports for line in describe(report))
    return f"{table.name}: has no column to learn '{wanted.target}' from. {said}".rstrip()


def _keep_doubtful(reports: list[ColumnReport]) -> list[ColumnReport]:
    """Where nothing else is left to learn from, numbers that look like identifiers are."""
    warning = "it looks like an identifier, and is learned from as there is nothing else"
    return [
        replace(report, left_out="").with_warning(warning)
        if report.left_out in ("index", "row number", "identifier", "rare values")
        else report
        for report in reports
    ]


def _check_names(table: Table, wanted: DatasetSettings) -> None:
    for setting in ("ignore", "categorical", "columns"):
        for name in getattr(wanted, setting):
            if name not in table.header:
                raise InvalidDataset(
                    f"{table.name}: dataset.{setting} names '{name}', which is no column."
                )


def _leave_out(table: Table, report: ColumnReport, targets: Labels) -> ColumnReport:
    """The report with the reason, if nothing can be learned from the column."""
    feature, rows = report.feature, len(table)
    if feature is None:
        return report
    kind = ""
    if not report.name or report.name.startswith("Unnamed: "):
        kind = "index"
    if not kind and report.distinct == 1 and (not report.missing or feature.type != "category"):
        kind = "constant"
    if not kind and rows >= ENOUGH_ROWS:
        kind = _find_reason(table, report, feature, rows, targets)
    if not kind and rows >= MANY_ROWS and _all_distinct(report, rows):
        report = report.with_warning(RISING if _rises(table, report) else NUMBERED)
    read_so = (NUMBERS_AND_TEXT, SEVERAL_UNITS) if kind else ()  # no matter, where it is left out
    told = tuple(text for text in report.warnings if text not in read_so)
    return replace(report, left_out=kind, warnings=told)


def _find_reason(
    table: Table, report: ColumnReport, feature: Feature, rows: int, targets: Labels
) -> str:
    known = rows - report.missing
    if report.missing >= NEARLY_EMPTY * rows:
        return "nearly empty"
    if feature.type == "category" and report.distinct > min(MOST_CATEGORIES, known / 2):
        cells = [cell for cell in table.column(report.name) if cell.strip()]
        if report.distinct >= NEARLY_DISTINCT * known:
            return "units" if SEVERAL_UNITS in report.warnings else "identifier"
        if _frequent_share(feature, cells) < 0.5:
            return "rare values"
    if feature.type == "integer":
        if _counts_rows(table, report):
            return "row number"
        if _numbers_rows(report, rows) or _is_handed_out(table, report):
            return "identifier"
    if feature.type in ("category", "boolean", "integer") and _is_copy(table, report, targets):
        return "copy"
    return ""


def _numbers_rows(report: ColumnReport, rows: int) -> bool:
    """Whether it is named like a number of a row, or of a person who may have several rows."""
    if report.distinct == rows and IDENTIFIER_NAME.fullmatch(report.name):
        return True
    many = report.distinct >= MANY_PERSONS * rows
    return many and PERSON_NAME.fullmatch(report.name) is not None


def _frequent_share(feature: Feature, cells: Sequence[str]) -> float:
    known = set(feature.categories)
    return sum(cell.strip() in known for cell in cells) / len(cells)


def _counts_rows(table: Table, report: ColumnReport) -> bool:
    """Whole numbers one after the other, each once, in whatever order."""
    feature = report.feature
    if feature is None or feature.type != "integer" or report.distinct != len(table):
        return False
    return feature.maximum - feature.minimum == len(table) - 1  # type: ignore[operator]


def _all_distinct(report: ColumnReport, rows: int) -> bool:
    """Whether it is of whole numbers, each once."""
    whole = report.feature is not None and report.feature.type == "integer"
    return whole and report.distinct == rows


def _is_handed_out(table: Table, report: ColumnReport) -> bool:
    """Whether numbers from so narrow a range would be equal at times if they were measured.

    n draws from a range of r whole numbers make n * n / 2r pairs of equal ones, or more where some
    numbers are likelier. Numbers that were given out one by one never make any. Sorted ones may be
    times, one a row.
    """
    feature, rows = report.feature, len(table)
    if feature is None or not _all_distinct(report, rows):
        return False
    if _rises(table, report) or _rises(table, report, -1):
        return False
    width = feature.maximum - feature.minimum + 1  # type: ignore[operator]
    return rows * rows / (2 * width) >= EXPECTED_TWINS


def _rises(table: Table, report: ColumnReport, direction: int = 1) -> bool:
    numbers = read_numbers(table.column(report.name))
    return numbers is not None and bool((direction * np.diff(numbers) > 0).all())


def _is_copy(table: Table, report: ColumnReport, targets: Labels) -> bool:
    """Whether each value goes with one label and each label with one value."""
    labels = len(set(targets.tolist()))
    if report.missing or report.distinct != labels:
        return False
    cells = (cell.strip() for cell in table.column(report.name))
    return len(set(zip(cells, targets.tolist(), strict=True))) == labels


def describe(report: ColumnReport) -> Iterator[str]:
    """What a person is told of a column; nothing of one that was read as it stands."""
    name = report.name or "(without a name)"
    if report.left_out:
        yield f"{name}: {LEFT_OUT[report.left_out]}{_overrule(report)}"
        return
    for note in report.notes:
        yield f"{name}: {note}"


def _overrule(report: ColumnReport) -> str:
    if not report.name or report.left_out in ("ignored", "empty", "constant"):
        return ""
    example = f" ({', '.join(report.examples[:2])[:60]})" if report.examples else ""
    return f'{example}; [dataset.columns."{report.name}"] type = "auto" keeps it'
