"""A table before anything is learned: what each column is, what to look at, what to set."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.columns.column_choice import (
    LEFT_OUT,
    name_troubles,
    nothing_to_learn,
    understand_columns,
)
from pipeline.columns.column_encoding import encode_rows
from pipeline.columns.column_types import ColumnReport
from pipeline.columns.leaks import find_leaks
from pipeline.columns.targets import FOLDS, read_targets, too_few_to_split
from pipeline.progress import Progress, no_progress
from pipeline.setting_tables import DatasetSettings, EmbeddingSettings
from pipeline.tables.table import InvalidDataset, Table

TEST_SHARE = EmbeddingSettings().test_share
LEAK = "it alone foretells the target: is it known before? If not, put it in dataset.ignore"


@dataclass(frozen=True)
class Inspection:
    header: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]  # of the file and of the target
    columns: tuple[ColumnReport, ...]
    labels: Mapping[str, int]  # the rows of each, the most frequent first
    trouble: str = ""  # why nothing can be trained as it is set

    def warnings(self) -> Iterator[str]:
        for column in self.columns:
            for warning in column.warnings:
                yield f"{column.name}: {warning}"


def inspect_table(
    table: Table,
    wanted: DatasetSettings,
    progress: Progress = no_progress,
    test_share: float = TEST_SHARE,
    folds: int = FOLDS,
) -> Inspection:
    """Never raises for what is in the table: what would stop the training is its trouble."""
    header, notes, labels, trouble = table.header, list(table.notes), Counter[str](), ""
    targets = np.array([""] * len(table))
    try:
        found = read_targets(table, wanted, folds)
        table, targets = table.keep(found.kept), found.labels
        labels.update(targets.tolist())
        notes += found.notes
        if len(labels) == 1:
            trouble = f"Every row has the label '{targets[0]}'; two are needed."
        else:
            trouble = too_few_to_split(targets, test_share)
    except InvalidDataset as error:
        trouble = str(error)
    try:
        reports = understand_columns(table, wanted, targets, progress)
    except InvalidDataset as error:
        return Inspection(header, len(table), tuple(notes), (), _ordered(labels), str(error))
    trouble = trouble or name_troubles(reports) or nothing_to_learn(table, wanted, reports)
    if not trouble:
        reports = _warn_of_leaks(table, reports, targets)
    return Inspection(header, len(table), tuple(notes), tuple(reports), _ordered(labels), trouble)


def _ordered(labels: Counter[str]) -> dict[str, int]:
    return dict(labels.most_common())


def _warn_of_leaks(
    table: Table, reports: list[ColumnReport], targets: np.ndarray
) -> list[ColumnReport]:
    features = [feature for report in reports for feature in report.learned]
    leaks = set(find_leaks(features, encode_rows(table, features), targets))
    return [report.with_warning(LEAK) if report.name in leaks else report for report in reports]


def name_treatment(report: ColumnReport) -> str:
    """What the column is taken for and what is done with it, in a few words."""
    if report.left_out:
        return LEFT_OUT[report.left_out]
    if report.trouble:
        return "cannot be read"
    feature = report.feature
    if feature is None:
        return ""
    reading = feature.reading
    unit = f" in {reading.unit}" if reading and reading.unit else ""
    return f"{feature.type}{unit}"


def write_settings(wanted: DatasetSettings, found: Inspection) -> str:
    """The [dataset] table to paste into config.toml."""
    lines = ["[dataset]", f"source = {_quote(wanted.source)}", f"target = {_quote(wanted.target)}"]
    left = [column.name for column in found.columns if column.left_out and column.name]
    if left:
        lines.append(f"ignore = [{', '.join(map(_quote, left))}]")
    chosen = wanted.model_dump(
        exclude_defaults=True, exclude={"source", "target", "ignore", "columns"}
    )
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in chosen.items()]
    for name, column in wanted.columns.items():
        lines.append(f"\n[dataset.columns.{_quote(name)}]")
        own = column.model_dump(exclude_defaults=True)
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in own.items()]
    return "\n".join(lines)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
