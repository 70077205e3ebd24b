"""Makes reference, holdout and embedding out of the dataset. The first command to run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.datasets.built_in import CHURN_FOLDER
from pipeline.datasets.dataset import Dataset
from pipeline.datasets.load import load_dataset
from pipeline.embedding.vectors import LabelledVectors
from pipeline.registry.prepared import (
    HOLDOUT,
    REFERENCE,
    SAMPLES,
    NotPrepared,
    embedding_settings,
    load_prepared,
    open_active_embedding,
    save_prepared,
)
from pipeline.registry.registry import ModelRegistry, open_registry
from pipeline.settings import Settings, load_settings
from scripts.cli.command import run
from scripts.cli.progress_bar import ProgressBar
from scripts.maintenance.archive import archive, release_records
from scripts.preparation.churn_snapshots import write_snapshots
from scripts.preparation.dataset_parts import check_pickles, embed, embedding_files, split
from scripts.preparation.samples import write_samples

if TYPE_CHECKING:
    from pipeline.auto.embedding_choice import EmbeddingChoice


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    fresh_help = "set data, artifacts and records aside in an archive folder and start anew"
    parser.add_argument("--fresh", action="store_true", help=fresh_help)
    options = parser.parse_args()
    settings = load_settings()
    artifacts = open_registry(settings.artifacts)
    artifacts.renew()
    if not options.fresh and already_prepared(settings, artifacts):
        print(f"Already prepared: {settings.paths.data / REFERENCE} and the rest are kept.")
        print("If the source has changed: make fresh (scripts/prepare.py --fresh).")
    else:
        prepare(settings, artifacts, options.fresh)


def already_prepared(settings: Settings, artifacts: ModelRegistry) -> bool:
    """Whether the embedding in use is that of these settings; under others it must not change."""
    sealed = open_active_embedding(artifacts)
    if sealed is None:
        return False
    before, now = sealed.manifest["settings"], embedding_settings(settings)
    for table in now:
        for setting, value in now[table].items():
            if before[table].get(setting, value) != value:
                raise NotPrepared(
                    f"Prepared with {table}.{setting} = {before[table][setting]!r}, now it is "
                    f"{value!r}. An embedding is frozen: put the setting back (a variable is to be "
                    f"set for each command), or start anew with make fresh, which is "
                    f"scripts/prepare.py --fresh: it sets the old data and models aside."
                )
    load_prepared(settings, artifacts)
    return True


def prepare(settings: Settings, artifacts: ModelRegistry, fresh: bool = False) -> None:
    """Read and fit first: a dataset that cannot be used leaves everything as it was."""
    from pipeline.auto.embedding_choice import fit_chosen
    from pipeline.embedding.fit import expected_residuals

    if fresh:
        release_records(settings.store)
    if settings.dataset.source == CHURN_FOLDER:
        make_snapshots(settings.paths.data / CHURN_FOLDER)
    bar = ProgressBar()
    dataset = load_dataset(settings, bar)
    training, testing = split(dataset, settings)
    bar("fitting", 0.0)
    rows = dataset.rows[training]
    targets = dataset.targets[training]
    fitted, choice = fit_chosen(dataset.schema, rows, targets, settings.embedding)
    check_pickles(fitted.embedding, settings)
    held_out, seed = dataset.rows[testing], settings.embedding.seed
    residuals = expected_residuals(dataset.schema, rows, held_out, fitted, seed)
    bar("fitting", 1.0)
    reference, holdout = (embed(fitted.embedding, dataset, rows) for rows in (training, testing))
    bar.close()
    if fresh:
        archive(settings)
    write_samples(settings.paths.data / SAMPLES, dataset, testing)
    kept = settings.reporting.reference_rows
    files = embedding_files(fitted, residuals, dataset, training, testing, kept)
    save_prepared(settings, artifacts, files, fitted.embedding, reference, holdout, choice.tried)
    describe(settings, dataset, choice, reference, holdout)


def make_snapshots(folder: Path) -> None:
    if not any(folder.glob("*.csv")):
        write_snapshots(folder)


def describe(
    settings: Settings,
    dataset: Dataset,
    choice: "EmbeddingChoice",
    reference: LabelledVectors,
    holdout: LabelledVectors,
) -> None:
    data, schema = settings.paths.data, dataset.schema
    width = len(schema.features)
    learned = "1 feature" if width == 1 else f"{width} features"
    print(f"{settings.dataset.source}: {len(dataset.targets)} rows, {learned},")
    print(f"  {len(schema.labels)} labels of '{schema.target}': {', '.join(schema.labels[:12])}")
    for note in dataset.notes:
        print(f"  {note}")
    print(f"  {choice}")
    columns = f"{reference.columns[0]}..{reference.columns[-1]},target"
    print(f"{data / REFERENCE}: {len(reference)} rows, {columns}")
    print(f"{data / HOLDOUT}: {len(holdout)} rows, never trained on")
    print(f"{data / SAMPLES}: files to upload")


if __name__ == "__main__":
    run(main)
