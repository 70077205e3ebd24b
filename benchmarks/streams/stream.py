"""A table as Boucle meets it: prepared on its first rows, the others come as feedback."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.streams.tables import Table
from pipeline.auto.classifier_choice import choose_classifier, is_open, settled
from pipeline.auto.embedding_choice import EmbeddingChoice, fit_chosen
from pipeline.columns.column_encoding import encode_rows
from pipeline.datasets.dataset import Dataset
from pipeline.datasets.load import load_dataset
from pipeline.embedding.vectors import embed_rows
from pipeline.registry.prepared import PreparedData
from pipeline.registry.signed_folder import SignedFolder
from pipeline.setting_tables import DatasetSettings, PathSettings, TrainingSettings
from pipeline.settings import Settings
from pipeline.tables.csv_table import read_csv_table
from scripts.preparation.dataset_parts import split

BUILT_IN = ("iris", "breast_cancer", "digits")


@dataclass(frozen=True)
class Stream:
    name: str
    settings: Settings
    training_settings: TrainingSettings  # with the classifier that `auto` takes
    prepared: PreparedData
    dataset: Dataset  # of the first rows
    training: np.ndarray  # the places of the reference among them
    choice: EmbeddingChoice
    rows: np.ndarray  # still to come
    targets: np.ndarray


def open_stream(table: Table, folder: Path, settings: Settings) -> Stream:
    """As prepare and train do it; rows whose label the first ones lack cannot come as feedback."""
    path = folder / f"{table.name}.csv"
    table.frame.iloc[: table.first].to_csv(path, index=False)
    tables = {"dataset": DatasetSettings(source=str(path)), "paths": PathSettings(data=folder)}
    wanted = settings.model_copy(update=tables)
    dataset = load_dataset(wanted)
    path.unlink()
    rest = table.frame.iloc[table.first :]
    rest = rest[rest.target.astype(str).isin(dataset.schema.labels)]
    rest.to_csv(path, index=False)
    coming = read_csv_table(path)
    rows = encode_rows(coming, dataset.schema.features)
    return _prepare(table.name, wanted, dataset, rows, np.array(coming.column("target")))


def open_built_in(name: str, folder: Path) -> Stream:
    """A data set that has no order: what comes is its holdout."""
    tables = {"dataset": DatasetSettings(source=name), "paths": PathSettings(data=folder)}
    wanted = Settings().model_copy(update=tables)
    dataset = load_dataset(wanted)
    _, testing = split(dataset, wanted)
    return _prepare(name, wanted, dataset, dataset.rows[testing], dataset.targets[testing])


def _prepare(
    name: str, wanted: Settings, dataset: Dataset, rows: np.ndarray, targets: np.ndarray
) -> Stream:
    training, testing = split(dataset, wanted)
    fitted, choice = fit_chosen(
        dataset.schema, dataset.rows[training], dataset.targets[training], wanted.embedding
    )
    reference, holdout = (
        embed_rows(fitted.embedding, dataset.rows[part], dataset.targets[part])
        for part in (training, testing)
    )
    prepared = PreparedData(
        SignedFolder(wanted.paths.data, {}), fitted.embedding, reference, holdout
    )
    return Stream(
        name,
        wanted,
        choose(wanted, prepared),
        prepared,
        dataset,
        training,
        choice,
        rows,
        targets,
    )


def choose(settings: Settings, prepared: PreparedData) -> TrainingSettings:
    wanted = settings.training
    if not is_open(wanted, prepared.embedding.schema.kind == "image"):
        return settled(wanted, None)
    choice = choose_classifier(prepared.reference, wanted)
    return wanted.model_copy(update={"classifier": choice.classifier})
