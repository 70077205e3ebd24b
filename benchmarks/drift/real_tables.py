"""Real tables of mixed types, large enough to draw references and windows from."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.streams import tables
from pipeline.arrays import Labels, Numbers
from pipeline.data.schema import Feature, Schema
from pipeline.datasets.load import load_dataset
from pipeline.embedding.embedding import Embedding
from pipeline.embedding.fit import expected_residuals, fit_embedding
from pipeline.setting_tables import DatasetSettings, EmbeddingSettings
from pipeline.settings import Settings
from reporting.drift.dataset_drift import RESIDUAL
from reporting.drift.policy import Family
from reporting.drift.reference_columns import FamilyReference, make_family

REFERENCE_ROWS, WINDOW, LEAST = 4_000, 500, 200
HELD_OUT = 1_000  # for the residual: a fifth, as prepare holds out
REFERENCES = 5  # a row of the table is measured against so many, in turn
PER_YEAR = 8  # of the flights every eighth


@dataclass(frozen=True)
class Table:
    name: str
    schema: Schema
    rows: Numbers
    targets: Labels

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.schema.features


@dataclass(frozen=True)
class Split:
    """A reference, and the rows that windows are drawn from."""

    families: list[FamilyReference]
    known: Numbers
    rest: Numbers
    embedding: Embedding | None = None  # of the PCA, if its families are watched too

    def view(self, rows: Numbers) -> Mapping[Family, Numbers]:
        if self.embedding is None:
            return {"features": rows}
        vectors, residuals = self.embedding.embed(rows)
        return {"features": rows, "pca": vectors, "residual": residuals[:, None]}


def open_tables() -> Iterator[Table]:
    diamonds = tables.dataset("ggplot2", "diamonds")
    yield read("diamonds", diamonds.drop(columns="cut").assign(target=diamonds.cut))
    yield read("flights", tables.flights(every=PER_YEAR).frame)
    yield read("hotel", tables.hotel(every=1).frame)


def open_streams() -> Iterator[Table]:
    """In the order of time."""
    for make in (tables.bikeshare, tables.storms):
        table = make()
        yield read(table.name, table.frame)


def read(name: str, frame: pd.DataFrame) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        frame.to_csv(path, index=False)
        wanted = {"dataset": DatasetSettings(source=str(path))}
        dataset = load_dataset(Settings().model_copy(update=wanted))
    return Table(name, dataset.schema, dataset.rows, dataset.targets)


def split(table: Table, seed: int, pca: bool = False) -> Split:
    order = np.random.default_rng(seed).permutation(len(table.rows))
    known, rest = table.rows[order[:REFERENCE_ROWS]], table.rows[order[REFERENCE_ROWS:]]
    families = [make_family("features", table.features, known, LEAST, linked=True)]
    if not pca:
        return Split(families, known, rest)
    wanted = EmbeddingSettings()
    held_out, rest = rest[:HELD_OUT], rest[HELD_OUT:]
    fitted = fit_embedding(table.schema, known, wanted, "pca")
    vectors, _ = fitted.embedding.embed(known)
    columns = [Feature(name, "number") for name in fitted.embedding.columns]
    residuals = expected_residuals(table.schema, known, held_out, fitted, wanted.seed)
    families += [
        make_family("pca", columns, vectors, LEAST),
        make_family("residual", [Feature(RESIDUAL, "number")], residuals[:, None], LEAST),
    ]
    return Split(families, known, rest, fitted.embedding)
