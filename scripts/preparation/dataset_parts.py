"""The dataset split into training and holdout, and what is sealed beside its embedding.

Used by prepare.
"""

import io
from typing import TYPE_CHECKING

import numpy as np

from pipeline import unpickling
from pipeline.columns.targets import too_few_to_split
from pipeline.data import holdout_sample
from pipeline.data.holdout_sample import HoldoutSample, sample_holdout
from pipeline.data.watched_features import watched_values
from pipeline.datasets.dataset import Dataset
from pipeline.embedding.embedding import Embedding
from pipeline.embedding.vectors import LabelledVectors, embed_rows
from pipeline.extractors import network
from pipeline.settings import InvalidSetting, Settings
from pipeline.tables.table import InvalidDataset

if TYPE_CHECKING:
    from pipeline.embedding.fit import Fitted


def split(dataset: Dataset, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """The places of the rows to train on and of the holdout, each label in both in its share."""
    from sklearn.model_selection import train_test_split

    wanted = settings.embedding
    if trouble := too_few_to_split(dataset.targets, wanted.test_share):
        raise InvalidDataset(f"{settings.dataset.source}: {trouble}")
    training, testing = train_test_split(
        np.arange(len(dataset.targets)),
        test_size=wanted.test_share,
        stratify=dataset.targets,
        random_state=wanted.seed,
    )
    return _keep_pairs(dataset.targets, training, testing)


def _keep_pairs(
    targets: np.ndarray, training: np.ndarray, testing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the training a second row of a label that has one: folds need each label twice."""
    labels, rows = np.unique(targets[training], return_counts=True)
    held = [np.flatnonzero(targets[testing] == label)[:1] for label in labels[rows == 1]]
    moved = np.concatenate([np.array([], dtype=np.int64), *held])
    return np.concatenate([training, testing[moved]]), np.delete(testing, moved)


def check_pickles(embedding: Embedding, settings: Settings) -> None:
    """Serving will unpickle a pipeline of the user's own: find out now whether it may."""
    if embedding.kind == "pipeline":
        try:
            unpickling.load(embedding.to_bytes(), settings.artifacts.trusted)
        except unpickling.NotTrusted as error:
            raise InvalidSetting(f"embedding.pipeline cannot be served: {error}") from None


def embed(embedding: Embedding, dataset: Dataset, rows: np.ndarray) -> LabelledVectors:
    return embed_rows(embedding, dataset.rows[rows], dataset.targets[rows])


def embedding_files(
    fitted: "Fitted",
    residuals: np.ndarray,
    dataset: Dataset,
    training: np.ndarray,
    testing: np.ndarray,
    reference_rows: int,
) -> dict[str, bytes]:
    """What is sealed beside the embedding itself.

    The reference that drift is compared with is drawn from the rows trained on.
    """
    kept = sample_holdout(dataset.rows[testing], dataset.targets[testing])
    drawn = np.random.default_rng(0).permutation(training)[:reference_rows]
    watched = watched_values(dataset.schema, dataset.rows[drawn])
    files = {
        **fitted.pickles,
        holdout_sample.FILE: kept.to_bytes(),
        holdout_sample.REFERENCE_FILE: HoldoutSample(watched, dataset.targets[drawn]).to_bytes(),
    }
    if dataset.network:
        files[network.FILE] = dataset.network
    if len(residuals):
        files["residuals.npy"] = to_npy(residuals)
    return files


def to_npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
