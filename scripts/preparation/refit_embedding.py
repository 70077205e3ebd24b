"""Makes a new embedding that knows the feedback too, and brings all there is to it.

Everything is made from raw rows, those of the dataset and the observations on record, so a run that
was cut short is mended by another. Serving may run meanwhile, the trainer waits.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.data.holdout_sample import sample_holdout
from pipeline.data.load import Dataset, load_dataset
from pipeline.embedding.embedding import Embedding
from pipeline.embedding.vectors import write_vectors
from pipeline.model.translation import CrossEmbeddingScorer
from pipeline.progress import Progress
from pipeline.registry.prepared import (
    HOLDOUT,
    REFERENCE,
    NotPrepared,
    PreparedData,
    activate_embedding,
    embedding_of,
    embedding_settings,
    open_active_embedding,
    rows_of,
    save_embedding,
)
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder
from pipeline.retraining.champion import Champion, load_champion
from pipeline.retraining.retrain import feedback_rows_at_last_rollback, train_and_publish
from pipeline.settings import Settings
from pipeline.store.csv_mirror import FILE, CsvMirror, mirror_lock
from pipeline.store.decision_log import PROMOTED, Decision
from pipeline.store.production_rows import ProductionRows
from pipeline.store.raw_feedback import RawFeedback, read_raw_feedback
from pipeline.store.reembedding import count_stale_rows, reembed_stale_rows
from pipeline.store.tables import StoreUnavailable, connect, create_schema
from scripts.cli.command import CommandError
from scripts.preparation.dataset_parts import check_pickles, embed, embedding_files, split
from scripts.retraining.training_lease import TrainingLease

FOLLOW_SECONDS = 2.0  # until every worker of serving predicts with a version that went live
SWEEPS = 5
SPLITTING = (("embedding", "test_share"), ("embedding", "seed"))  # settings that part the rows


@dataclass(frozen=True)
class Rows:
    """All raw rows that there are."""

    dataset: Dataset
    training: np.ndarray
    testing: np.ndarray
    feedback: RawFeedback

    def to_fit_on(self) -> np.ndarray:
        """What may be learned from; the rows that judge may not."""
        learned = self.feedback.rows[~self.feedback.evaluation]
        return np.concatenate([self.dataset.rows[self.training], learned])


def refit(settings: Settings, artifacts: ModelRegistry) -> None:
    sealed = open_active_embedding(artifacts)
    if sealed is None:
        raise NotPrepared("Nothing is prepared yet; run scripts/prepare.py.")
    refuse_other_settings(sealed, settings)
    engine = connect(settings.store)
    try:
        create_schema(engine)
        with TrainingLease(engine, settings.retraining.lease_seconds, "refit by hand") as turn:
            turn("reading rows", 0.0)
            rows = read_rows(settings, engine, sealed)
            turn.decide(_refit(settings, artifacts, engine, sealed, rows, turn))
    except (SQLAlchemyError, StoreUnavailable) as error:
        reason = str(error).splitlines()[0]
        raise CommandError(
            f"The store went away; run this again when it is back. {reason}"
        ) from error
    finally:
        engine.dispose()


def refuse_other_settings(sealed: SignedFolder, settings: Settings) -> None:
    """The rows must be those that were prepared, or rows of the holdout would be trained on."""
    before, now = sealed.manifest["settings"], embedding_settings(settings)
    for table, setting in (*(("dataset", k) for k in now["dataset"]), *SPLITTING):
        if before[table].get(setting, now[table][setting]) != now[table][setting]:
            raise NotPrepared(
                f"Prepared with {table}.{setting} = {before[table][setting]!r}, now it is "
                f"{now[table][setting]!r}: put it back. A refit takes the same rows as before."
            )


def read_rows(settings: Settings, engine: Engine, sealed: SignedFolder) -> Rows:
    dataset = load_dataset(settings)
    training, testing = split(dataset, settings)
    kept, now = rows_of(sealed), sample_holdout(dataset.rows[testing], dataset.targets[testing])
    if kept is None or not np.array_equal(kept.values, now.values, equal_nan=True):
        raise NotPrepared(
            f"{settings.dataset.source} does not hold the rows that were prepared. Put them back: "
            f"else rows that were never trained on would be, and judge nothing any more."
        )
    feedback = read_raw_feedback(engine, embedding_of(sealed).schema)
    return Rows(dataset, training, testing, feedback)


def _refit(
    settings: Settings,
    artifacts: ModelRegistry,
    engine: Engine,
    sealed: SignedFolder,
    rows: Rows,
    turn: TrainingLease,
) -> Decision:
    before = embedding_of(sealed)
    turn("fitting", 0.0)
    prepared, tables = fit(settings, artifacts, sealed, rows)
    embedding = prepared.embedding
    live = load_champion(artifacts, before.embedding_id)
    production = rows.feedback.embedded(embedding)
    decision = train_and_publish(
        settings,
        artifacts,
        prepared,
        production,
        live and translate(live, before, prepared, production, rows),
        feedback_rows_at_last_rollback(engine),
        "refit by hand",
        turn,
    )
    if decision.state != PROMOTED or decision.version is None:
        print(f"Everything stays as it was: {decision.reason}.")
        return decision
    turn.name(decision.version)
    activate_embedding(settings, artifacts, embedding.embedding_id, tables)
    artifacts.activate(decision.version)
    left = bring_along(settings, engine, embedding, turn)
    describe(decision, before, embedding, rows)
    name_left(left)
    return decision


def fit(
    settings: Settings, artifacts: ModelRegistry, sealed: SignedFolder, rows: Rows
) -> tuple[PreparedData, dict[str, bytes]]:
    """A new embedding beside the old one, and what it makes of the dataset. Neither is in use."""
    from pipeline.embedding.fit import fit_embedding, out_of_fold_residuals

    dataset, known = rows.dataset, rows.to_fit_on()
    kind = embedding_of(sealed).kind  # a refit chooses no other
    fitted = fit_embedding(dataset.schema, known, settings.embedding, kind)
    check_pickles(fitted.embedding, settings)
    embedding = fitted.embedding
    reference, holdout = (embed(embedding, dataset, p) for p in (rows.training, rows.testing))
    tables = {REFERENCE: write_vectors(reference), HOLDOUT: write_vectors(holdout)}
    if embedding.embedding_id != sealed.manifest["embedding_id"]:
        seed = settings.embedding.seed
        residuals = out_of_fold_residuals(dataset.schema, known, fitted, seed)
        files = embedding_files(fitted, residuals, dataset, rows.testing)
        tried = sealed.manifest.get("embedding_tried", {})
        sealed = save_embedding(settings, artifacts, files, embedding, tables, tried)
    return PreparedData(sealed, embedding, reference, holdout), tables


def translate(
    live: Champion,
    before: Embedding,
    prepared: PreparedData,
    production: ProductionRows,
    rows: Rows,
) -> Champion:
    """The live version, asked about the new vectors.

    Those that will be asked about, for the same row embedded among others differs in its last bit.
    """
    dataset = rows.dataset.rows
    observed = [dataset[rows.training], dataset[rows.testing], rows.feedback.rows]
    vectors = [prepared.reference.values, prepared.holdout.values, production.values]
    own, _ = before.embed(np.concatenate(observed))
    scorer = CrossEmbeddingScorer(live.scorer, np.concatenate(vectors), own)
    return replace(live, scorer=scorer)


def bring_along(
    settings: Settings, engine: Engine, embedding: Embedding, progress: Progress
) -> int:
    """Embed what is on record, and what serving writes until all of it follows the new version."""
    left = reembed_stale_rows(engine, embedding, progress)
    with mirror_lock(settings.paths.data) as mine:
        sweeps = 0 if mine() else SWEEPS
        for _ in range(sweeps):
            time.sleep(FOLLOW_SECONDS)
            if not count_stale_rows(engine, embedding.embedding_id):
                break
            left = reembed_stale_rows(engine, embedding)
        path = settings.paths.data / FILE
        path.unlink(missing_ok=True)  # whoever keeps it makes it anew
        if mine():
            CsvMirror(engine, path, lambda: embedding.columns).sync()
    return left


def describe(decision: Decision, before: Embedding, embedding: Embedding, rows: Rows) -> None:
    learned = int((~rows.feedback.evaluation).sum())
    print(
        f"Embedding {embedding.embedding_id} knows {learned} rows of feedback beside the dataset: "
        f"{embedding.width} columns, {before.width} before."
    )
    print(f"Version {decision.version} is live, {decision.reason}.")


def name_left(left: int) -> None:
    if left:
        print(
            f"{left} rows on record are still of another embedding: serving wrote them late, or "
            f"they lie too far from the data. Retraining waits; run this again."
        )
