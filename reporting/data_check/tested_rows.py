"""The rows that are tested: a table's, or the latest feedback on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.cells.number_text import parse_number
from pipeline.cells.words import is_missing
from pipeline.data.observation import (
    InvalidObservation,
    canonical_label,
    encode,
    encode_text,
    parse_cell,
)
from pipeline.data.schema import Feature, Schema, columns_of
from pipeline.data.watched_features import watched_values
from pipeline.data_tests.feedback_rows import read_feedback_rows
from pipeline.data_tests.result import Rows
from pipeline.data_tests.suite import Suite
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of, reference_rows_of
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import SignedFolder
from pipeline.settings import InvalidSetting, Settings
from pipeline.store.database import connect, create_schema
from pipeline.tables.file_formats import read_table_file
from pipeline.tables.table import InvalidDataset, Table


@dataclass(frozen=True)
class Baseline:
    """The live version, and the suite that its reference makes."""

    sealed: SignedFolder
    suite: Suite

    @property
    def version(self) -> str:
        return str(self.sealed.manifest["version"])


def open_baseline(settings: Settings) -> Baseline:
    sealed = open_registry(settings.artifacts).current()
    schema = msgspec.convert(sealed.manifest["schema"], Schema)
    known = reference_rows_of(sealed)
    if known is None:
        raise InvalidSetting(
            f"Version {sealed.manifest['version']} carries no rows to compare with; "
            f"make fresh train makes one that does."
        )
    reference = Rows(known.values, known.targets)
    accuracy = float(sealed.manifest["out_of_fold"]["accuracy"])
    return Baseline(sealed, Suite(schema, reference, settings.data_tests, accuracy))


def read_latest(settings: Settings, baseline: Baseline, most: int) -> Rows:
    """The latest feedback, with what was predicted at the time."""
    engine = connect(settings.store)
    try:
        create_schema(engine)
        embedding_id = baseline.sealed.manifest["embedding_id"]
        return read_feedback_rows(engine, baseline.suite.schema, embedding_id, most=most)
    finally:
        engine.dispose()


def read_file(settings: Settings, baseline: Baseline, path: Path) -> Rows:
    """A table with the columns of the dataset, and what the live version predicts for it."""
    schema = baseline.suite.schema
    if schema.image is not None:
        raise InvalidSetting("The live version is for pictures: test those on record with --last.")
    table = read_table_file(path, path.name, str(path), settings.dataset)
    numbers = _encode(table, columns_of(schema))
    targets = _read_targets(table, schema)
    scorer = load_scorer(baseline.sealed)
    places, _ = scorer.score(embedding_of(baseline.sealed).embed(numbers)[0])
    said = np.array(scorer.labels)[places]
    return Rows(watched_values(schema, numbers), targets, said)


def _encode(table: Table, columns: Sequence[Feature]) -> Numbers:
    lacking = [column.name for column in columns if column.name not in table.header]
    if lacking:
        named = ", ".join(f"'{name}'" for name in lacking[:5])
        raise InvalidDataset(f"{table.name}: has no column {named}.")
    if not len(table):
        raise InvalidDataset(f"{table.name}: has no rows.")
    parts = []
    for column in columns:
        cells = table.column(column.name)
        read = {cell: _read_cell(column, cell) for cell in set(cells)}
        parts.append(np.array([read[cell] for cell in cells], dtype=np.float64))
    return np.concatenate(parts, axis=1)


def _read_cell(column: Feature, cell: str) -> list[float]:
    """What cannot be read, such as text among numbers, counts as missing."""
    if column.type == "text":
        return encode_text(column, cell)
    try:
        return [encode(column, parse_cell(column, cell))]
    except InvalidObservation:
        return [encode(column, None)]


def _read_targets(table: Table, schema: Schema) -> Labels:
    """The labels as the schema writes them; "" where there is none."""
    if schema.target not in table.header:
        return np.full(len(table), "", dtype=np.str_)
    cells = table.column(schema.target)
    read = {cell: _read_label(cell, schema) for cell in set(cells)}
    return np.array([read[cell] for cell in cells], dtype=np.str_)


def _read_label(cell: str, schema: Schema) -> str:
    text = cell.strip()
    if text in schema.labels:
        return text
    if is_missing(text):
        return ""
    number = parse_number(text, ".")
    if number is None:
        return text
    return schema.bin_of(number) if schema.bins else canonical_label(number)
