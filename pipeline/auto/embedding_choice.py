"""Which embedding a table gets under `method = "auto"`: PCA only where it predicts better."""

from dataclasses import dataclass

from pipeline.arrays import Labels, Numbers
from pipeline.auto.cross_validation import describe, out_of_sample_accuracy, pick_rows
from pipeline.data.schema import Schema
from pipeline.embedding.embedding import Kind
from pipeline.embedding.fit import Fitted, fit_embedding, fixed_kind
from pipeline.model.classifier import FOREST
from pipeline.setting_tables import EmbeddingSettings, TrainingSettings

MARGIN = 0.01  # accuracy by which a PCA must be better: its columns have no names
NAMES: dict[Kind, str] = {"features": "features", "pca": "PCA", "pipeline": "own pipeline"}


@dataclass(frozen=True)
class EmbeddingChoice:
    """The kind that was taken, and the out-of-sample accuracy of each that was tried."""

    kind: Kind
    tried: dict[str, float]

    def __str__(self) -> str:
        return describe(self.tried, NAMES[self.kind])


def choose_embedding(
    schema: Schema, rows: Numbers, targets: Labels, wanted: EmbeddingSettings
) -> EmbeddingChoice:
    """Try both on some of the training rows, with a forest, where the settings leave it open."""
    kind = fixed_kind(schema, wanted)
    if kind is not None:
        return EmbeddingChoice(kind, {})
    picked = pick_rows(targets, wanted.seed)
    forest = TrainingSettings(classifier=FOREST, seed=wanted.seed)
    scores: dict[Kind, float] = {}
    for tried in ("features", "pca"):
        try:
            fitted = fit_embedding(schema, rows[picked], wanted, tried)
        except ValueError:  # a PCA that cannot be made of these rows is no candidate
            continue
        vectors, _ = fitted.embedding.embed(rows[picked])
        scores[tried] = out_of_sample_accuracy(vectors, targets[picked], forest)
    better = scores.get("pca", 0.0) > scores["features"] + MARGIN
    return EmbeddingChoice(
        "pca" if better else "features", {NAMES[tried]: score for tried, score in scores.items()}
    )


def fit_chosen(
    schema: Schema, rows: Numbers, targets: Labels, wanted: EmbeddingSettings
) -> tuple[Fitted, EmbeddingChoice]:
    choice = choose_embedding(schema, rows, targets, wanted)
    return fit_embedding(schema, rows, wanted, choice.kind), choice
