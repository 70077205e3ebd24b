"""The labelled observations behind a [dataset] table. Used by prepare, train and simulate."""

import itertools
from dataclasses import replace
from pathlib import Path

from pipeline.arrays import Labels
from pipeline.columns.column_choice import (
    describe,
    name_troubles,
    nothing_to_learn,
    understand_columns,
)
from pipeline.columns.column_encoding import encode_rows
from pipeline.columns.column_types import ColumnReport
from pipeline.columns.targets import FOLDS, read_targets, treat_rare
from pipeline.data.schema import Feature, Schema, network_text_features
from pipeline.data.text_networks import add_text_network
from pipeline.datasets.built_in import BUILT_IN, CHURN_FOLDER, CHURN_TARGET
from pipeline.datasets.dataset import Dataset, sorted_labels
from pipeline.datasets.made_files import MADE_FOLDERS, REVIEWS, made_folder, made_table
from pipeline.datasets.made_texts import SENTIMENT
from pipeline.datasets.media_folder import load_folder
from pipeline.datasets.source_files import holds_files, kind_of_source
from pipeline.extractors.network import Network, network_features, open_network
from pipeline.progress import Progress, no_progress
from pipeline.setting_tables import DatasetSettings
from pipeline.settings import Settings
from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.read_table import is_remote, read_table
from pipeline.tables.table import InvalidDataset, Table

MADE_TABLES = (CHURN_FOLDER, REVIEWS)


def load_dataset(settings: Settings, progress: Progress = no_progress) -> Dataset:
    """Read the dataset that the settings name; InvalidDataset has file, place and reason."""
    wanted, folds = settings.dataset, settings.training.folds
    if wanted.source in BUILT_IN:
        if wanted.extractor:
            raise InvalidDataset(f"{wanted.source}: has no files or texts for dataset.extractor.")
        dataset = BUILT_IN[wanted.source]()
    elif wanted.source in MADE_TABLES:
        made = made_here(settings)
        dataset = load_table(read_csv_table(Path(made.source)), made, progress, folds)
    elif wanted.source in MADE_FOLDERS:
        folder = made_folder(wanted.source, settings.paths.data, progress)
        made = wanted.model_copy(update={"source": str(folder)})
        dataset = load_folder(made, settings.media, progress)
    elif holds_media(wanted):
        dataset = _treat_rare_files(load_folder(wanted, settings.media, progress), wanted, folds)
    else:
        dataset = load_table(read_table(wanted), wanted, progress, folds)
    _check_classes(wanted.source, dataset.targets)
    return dataset


def holds_media(wanted: DatasetSettings) -> bool:
    """Whether the source is a folder of pictures, sounds or films, or a zip file of one."""
    source = Path(wanted.source)
    if is_remote(wanted.source):
        return False
    if not source.exists():
        known = ", ".join((*BUILT_IN, *MADE_TABLES, *MADE_FOLDERS))
        raise InvalidDataset(
            f"dataset.source is '{wanted.source}': no such file or folder, and not one of {known}."
        )
    media = source.is_dir() or holds_files(source)
    if wanted.kind != "auto" and media == (wanted.kind == "tabular"):
        what = "a folder" if media else "a file"
        raise InvalidDataset(f"dataset.kind is '{wanted.kind}', but {source} is {what}.")
    return media


def needs_pyav(wanted: DatasetSettings) -> bool:
    """Whether the dataset is one of sounds or films; whether it can be read shows later."""
    source = Path(wanted.source)
    if wanted.source in MADE_FOLDERS or wanted.kind in ("audio", "video"):
        return True
    if is_remote(wanted.source) or not (source.is_dir() or holds_files(source)):
        return False
    return wanted.kind == "auto" and kind_of_source(source) != "image"


def made_here(settings: Settings) -> DatasetSettings:
    """The settings with the file and the target of a table that Boucle makes itself."""
    if settings.dataset.source == REVIEWS:
        made = {"source": str(made_table(settings.paths.data)), "target": SENTIMENT}
    else:
        made = {"source": str(first_snapshot(settings)), "target": CHURN_TARGET}
    return settings.dataset.model_copy(update=made)


def first_snapshot(settings: Settings) -> Path:
    """The month that the churn model learns from; the later ones are for the simulator."""
    snapshots = sorted((settings.paths.data / CHURN_FOLDER).glob("*.csv"))
    if not snapshots:
        raise InvalidDataset(
            f"{settings.paths.data / CHURN_FOLDER}: no snapshots; "
            "run python -m scripts.preparation.churn."
        )
    return snapshots[0]


def load_table(
    table: Table,
    wanted: DatasetSettings,
    progress: Progress = no_progress,
    folds: int = FOLDS,
) -> Dataset:
    """A table with a target column; what can be learned from of the others are its features."""
    if table.header == (wanted.target,):
        raise InvalidDataset(f"{table.name}: has no column besides the target '{wanted.target}'.")
    found = read_targets(table, wanted, folds)
    table = table.keep(found.kept)
    reports = understand_columns(table, wanted, found.labels, progress)
    if troubles := name_troubles(reports):
        raise InvalidDataset(troubles)
    features = tuple(feature for report in reports for feature in report.learned)
    network = open_network(Path(wanted.extractor)) if wanted.extractor else None
    if network is not None:
        features = read_texts_by(network, table, features)
    if nothing := nothing_to_learn(table, wanted, reports):
        raise InvalidDataset(nothing)
    ignored = tuple(report.name for report in reports if report.left_out)
    schema = Schema(
        "tabular",
        wanted.target,
        sorted_labels(found.labels),
        features,
        ignored=ignored,
        bins=found.bins,
    )
    notes = [*table.notes, *found.notes]
    counted = [report for report in reports if not (network and _is_text(report))]
    notes += itertools.chain.from_iterable(map(describe, counted))
    notes += [f"The network reads '{report.name}'." for report in reports if report not in counted]
    notes += [f"Mind: {report.name}: {text}." for report in reports for text in report.warnings]
    content = network.content if network else b""
    rows = encode_rows(table, features)
    return Dataset(schema, rows, found.labels, tuple(notes), network=content)


def _is_text(report: ColumnReport) -> bool:
    return any(feature.text for feature in report.learned)


def read_texts_by(
    network: Network, table: Table, features: tuple[Feature, ...]
) -> tuple[Feature, ...]:
    """The features with the network's numbers in the place of the words of each text."""
    columns = dict.fromkeys(feature.text for feature in features if feature.text)
    if not columns or not network.reads_text:
        lacks = "no column is free text" if network.reads_text else "the network takes no text"
        raise InvalidDataset(f"{table.name}: dataset.extractor is set, but {lacks}.")
    add_text_network(network.digest, network.read_text)
    names = network_features(len(network.read_text("")))
    made: list[Feature] = []
    for column, group in itertools.groupby(features, key=lambda feature: feature.text):
        made += network_text_features(column, names, network.digest) if column else group
    return tuple(made)


def _treat_rare_files(dataset: Dataset, wanted: DatasetSettings, folds: int) -> Dataset:
    notes = list(dataset.notes)
    targets, stays = treat_rare(wanted.source, dataset.targets, wanted, notes, folds)
    targets = targets[stays]
    return Dataset(
        replace(dataset.schema, labels=sorted_labels(targets)),
        dataset.rows[stays],
        targets,
        tuple(notes),
        tuple(itertools.compress(dataset.files, stays)),
        dataset.network,
    )


def _check_classes(source: str, targets: Labels) -> None:
    if len(set(targets.tolist())) == 1:
        raise InvalidDataset(f"{source}: every row has the label '{targets[0]}'; two are needed.")
