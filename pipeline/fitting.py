"""Fits the scaler and the PCA of an embedding with scikit-learn. Used by prepare alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from pipeline.embedding import Embedding, Numbers, Steps, make_embedding
from pipeline.knobs import EmbeddingSettings
from pipeline.schema import Schema
from pipeline.settings import WrongSetting
from pipeline.tables import BadDataset

RESIDUAL_FOLDS = 5


@dataclass(frozen=True)
class Fitted:
    """An embedding beside the scikit-learn objects that it was read off."""

    embedding: Embedding
    scaler: Any
    pca: Any


def fit_embedding(schema: Schema, rows: Numbers, wanted: EmbeddingSettings) -> Fitted:
    """Fit on rows of numbers as `pipeline/observation.py` decodes them."""
    scaler = _make_scaler(schema).fit(rows)
    scaled = scaler.transform(rows)
    if not np.square(scaled).sum():
        raise BadDataset("Every feature has one and the same value in all rows; nothing to learn.")
    most = min(scaled.shape)
    if wanted.components > most:
        raise WrongSetting(
            f"embedding.components is {wanted.components}: this dataset allows at most {most}."
        )
    solver = "full" if wanted.components < 1 else "auto"
    pca = PCA(wanted.components, svd_solver=solver, random_state=wanted.seed).fit(scaled)
    return Fitted(make_embedding(schema, _read_steps(schema, scaler, pca)), scaler, pca)


def residuals_held_out(schema: Schema, rows: Numbers, fitted: Fitted, seed: int) -> Numbers:
    """The PCA residual of each row under a fit that was not shown it: what new rows will have."""
    width = EmbeddingSettings(components=fitted.embedding.width, seed=seed)
    residuals = np.empty(len(rows))
    folds = KFold(min(RESIDUAL_FOLDS, len(rows)), shuffle=True, random_state=seed)
    for shown, held_out in folds.split(rows):
        if fitted.embedding.width > len(shown):
            return np.empty(0)
        part = fit_embedding(schema, rows[shown], width)
        _, residuals[held_out] = part.embedding.embed(rows[held_out])
    return residuals


def _make_scaler(schema: Schema) -> Any:
    """A StandardScaler; for a table behind the filling of gaps and a column for each category."""
    if schema.kind == "image":
        return StandardScaler()
    columns = ColumnTransformer(
        [
            ("numbers", _fill("median"), _places(schema, "number", "integer")),
            ("booleans", _fill("most_frequent"), _places(schema, "boolean")),
            ("categories", _one_hot(schema), _places(schema, "category")),
        ]
    )
    return make_pipeline(columns, StandardScaler())


def _fill(strategy: str) -> SimpleImputer:
    """A column whose few values all fell into the holdout is kept, and filled with 0."""
    return SimpleImputer(strategy=strategy, keep_empty_features=True)


def _places(schema: Schema, *types: str) -> list[int]:
    return [place for place, feature in enumerate(schema.features) if feature.type in types]


def _one_hot(schema: Schema) -> OneHotEncoder:
    """Each known category, the missing one and the unseen one get a column of their own."""
    codes = [np.arange(len(f.categories) + 2) for f in schema.features if f.type == "category"]
    return OneHotEncoder(categories=codes, sparse_output=False)


def _read_steps(schema: Schema, scaler: Any, pca: PCA) -> Steps:
    """The numbers of the fitted objects, their columns back in the order of the features."""
    fills = np.zeros(len(schema.features))
    sources, codes = np.arange(len(fills)), np.full(len(fills), -1)
    standard = scaler
    if schema.kind == "tabular":
        columns, standard = scaler[0].named_transformers_, scaler[-1]
        numbers = _places(schema, "number", "integer")
        booleans, categories = _places(schema, "boolean"), _places(schema, "category")
        if numbers:
            fills[numbers] = columns["numbers"].statistics_
        if booleans:
            fills[booleans] = columns["booleans"].statistics_
        marks = [(c, code) for c in categories for code in range(_buckets(schema, c))]
        plain = numbers + booleans
        sources = np.array(plain + [c for c, _ in marks])
        codes = np.array([-1] * len(plain) + [code for _, code in marks])
    factors = 1.0 / standard.scale_
    centres = standard.mean_ + pca.mean_ * standard.scale_
    order = np.lexsort((codes, sources))
    components = np.ascontiguousarray(pca.components_.T[order])
    return Steps(fills, sources[order], codes[order], centres[order], factors[order], components)


def _buckets(schema: Schema, place: int) -> int:
    return len(schema.features[place].categories) + 2
