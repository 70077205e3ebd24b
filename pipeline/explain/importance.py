"""How much the model needs each original feature: what is lost when its values are shuffled.

The whole pipeline is asked, from the decoded row over the embedding to the classifier, on rows of
the holdout. Made at training, kept in the version as `importance.json`, for images with a picture.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from pipeline.arrays import Indices, Numbers
from pipeline.data.holdout_sample import HoldoutSample
from pipeline.data.schema import ImageShape
from pipeline.embedding.embedding import Embedding
from pipeline.explain.feature_groups import FeatureGroup, group_features
from pipeline.explain.heatmap import heatmap_png
from pipeline.model.scorer import Scorer
from pipeline.registry.prepared import PreparedData
from pipeline.setting_tables import TrainingSettings

FILE, PICTURE = "importance.json", "importance.png"
REPEATS = 5
LEAST_ROWS = 50  # with fewer, chance alone would make an order of the features
LEAST_GROUPS = 16
MOST_SECONDS = 2.5  # of computing, for a classifier that is slow to answer


@dataclass(frozen=True)
class FeatureImportance:
    """The score that is lost without the feature: its mean and spread over the repeats."""

    feature: str
    mean: float
    std: float


@dataclass(frozen=True)
class Importance:
    """The importance of all features, in the schema's order."""

    score: str
    baseline: float
    rows: int
    repeats: int
    features: tuple[FeatureImportance, ...]


class _Trial:
    """How well the model does on some rows, each of them as many times as there are repeats."""

    def __init__(self, embedding: Embedding, scorer: Scorer, holdout: HoldoutSample) -> None:
        self._embedding, self._scorer, self._holdout = embedding, scorer, holdout
        self._vectors, _ = embedding.embed(holdout.values)
        labels, of_row, rows = np.unique(holdout.targets, return_inverse=True, return_counts=True)
        self._weights = 1.0 / (len(labels) * rows[of_row])  # each label counts the same

    def score(self) -> Numbers:
        return self._score(np.tile(self._vectors, (REPEATS, 1)))

    def score_without(self, group: FeatureGroup, orders: Indices) -> Numbers:
        """The scores while the values of some features are those of other rows."""
        rows = self._holdout.values
        return self._score(
            np.concatenate(
                [self._embedding.replace(rows, rows[order], group.places) for order in orders]
            )
        )

    def _score(self, vectors: Numbers) -> Numbers:
        """The balanced accuracy of each repeat."""
        places, _ = self._scorer.score(vectors)
        said = np.array(self._scorer.labels)[places].reshape(REPEATS, -1)
        scores: Numbers = (said == self._holdout.targets) @ self._weights
        return scores


def measure_importance(
    embedding: Embedding, scorer: Scorer, holdout: HoldoutSample, most_rows: int, seed: int
) -> tuple[Importance, list[FeatureGroup]]:
    """Shuffle one feature after the other, asking for about so many predictions at most."""
    least = min(LEAST_ROWS, len(holdout))
    affordable = int(MOST_SECONDS / _cost(_Trial(embedding, scorer, holdout.first(least)), least))
    most = min(most_rows, affordable) // REPEATS
    groups = group_features(embedding, max(LEAST_GROUPS, most // least))
    holdout = holdout.first(max(least, most // len(groups)))
    random = np.random.default_rng(seed)  # the same shuffling for all: versions can be compared
    orders = np.array([random.permutation(len(holdout)) for _ in range(REPEATS)])
    trial = _Trial(embedding, scorer, holdout)
    baseline = float(trial.score()[0])
    drops = [baseline - trial.score_without(group, orders) for group in groups]
    features = tuple(
        FeatureImportance(group.name, float(drop.mean()), float(drop.std()))
        for group, drop in zip(groups, drops, strict=True)
    )
    found = Importance("balanced accuracy", baseline, len(holdout), REPEATS, features)
    return found, groups


def _cost(trial: _Trial, rows: int) -> float:
    """Seconds of computing for one prediction; how busy the machine is does not matter."""
    spent = []
    for _ in range(3):  # the first also loads and allocates
        started = time.process_time()
        trial.score()
        spent.append(time.process_time() - started)
    return max(min(spent), 1e-6) / (rows * REPEATS)


def importance_files(
    prepared: PreparedData, scorer: Scorer, wanted: TrainingSettings
) -> dict[str, bytes]:
    """What a version carries of this; nothing when it is turned off or no rows were kept."""
    embedding, holdout = prepared.embedding, prepared.holdout_rows()
    if not wanted.importance_rows or holdout is None:
        return {}
    importance, groups = measure_importance(
        embedding, scorer, holdout, wanted.importance_rows, wanted.seed
    )
    files = {FILE: msgspec.json.format(msgspec.json.encode(importance))}
    if embedding.schema.image is not None:
        means = [feature.mean for feature in importance.features]
        files[PICTURE] = heatmap_png(_lay_out(embedding.schema.image, groups, means))
    return files


def _lay_out(shape: ImageShape, groups: list[FeatureGroup], means: list[float]) -> Numbers:
    """The number of each pixel in its place."""
    channels = 3 if shape.colour else 1
    pixels = np.zeros(shape.height * shape.width)
    for group, mean in zip(groups, means, strict=True):
        pixels[group.places // channels] = mean
    return pixels.reshape(shape.height, shape.width)


def read_importance(content: bytes) -> Importance:
    return msgspec.json.decode(content, type=Importance)


def compare(before: Importance, after: Importance) -> list[dict[str, Any]]:
    """How the importance of each feature changed, the largest change first.

    `beyond_noise` says whether the change is larger than what shuffling alone would make of it.
    """
    old: Mapping[str, FeatureImportance] = {one.feature: one for one in before.features}
    changes = [_change(old[new.feature], new) for new in after.features if new.feature in old]
    return sorted(changes, key=lambda change: -abs(change["change"]))


def _change(old: FeatureImportance, new: FeatureImportance) -> dict[str, Any]:
    change = new.mean - old.mean
    return {
        "feature": new.feature,
        "before": old.mean,
        "after": new.mean,
        "change": change,
        "beyond_noise": abs(change) > 2.0 * math.hypot(old.std, new.std),
    }
