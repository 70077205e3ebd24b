"""Fits the embedding that the settings ask for with scikit-learn. Used by prepare alone."""

import importlib
import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from pipeline import unpickling
from pipeline.arrays import Numbers
from pipeline.data.schema import Schema
from pipeline.embedding.affine import EmbeddingArrays, make_embedding
from pipeline.embedding.column_names import FIRST_PART
from pipeline.embedding.date_parts import PARTS, all_date_parts
from pipeline.embedding.embedding import Embedding, Kind
from pipeline.embedding.user_pipeline import make_pipeline_embedding
from pipeline.setting_tables import EmbeddingSettings
from pipeline.settings import InvalidSetting
from pipeline.tables.table import InvalidDataset

RESIDUAL_FOLDS = 5
ENOUGH_HELD_OUT = 500


@dataclass(frozen=True)
class Fitted:
    """An embedding beside the pickles of the scikit-learn objects that it was read off."""

    embedding: Embedding
    pickles: dict[str, bytes] = field(repr=False)


def fit_embedding(
    schema: Schema, rows: Numbers, wanted: EmbeddingSettings, kind: Kind | None = None
) -> Fitted:
    """Fit on rows of numbers as `pipeline/data/observation.py` decodes them.

    Without a kind it is the settings'; `auto` is decided by `pipeline/auto/embedding_choice.py`.
    """
    kind = kind or fixed_kind(schema, wanted)
    if kind == "pipeline":
        return _fit_pipeline(schema, rows, wanted.pipeline)
    scaler = _make_scaler(schema).fit(rows)
    if not _standard_scaler(schema, scaler).var_.any():
        raise InvalidDataset(
            "Every feature has one and the same value in all rows; nothing to learn."
        )
    if kind == "features":
        steps = _read_steps(schema, scaler, None)
        return Fitted(make_embedding(schema, steps), {"scaler.pkl": unpickling.dump(scaler)})
    scaled = scaler.transform(rows)
    most = min(scaled.shape)
    if wanted.components > most:
        raise InvalidSetting(
            f"embedding.components is {wanted.components}: this dataset allows at most {most}."
        )
    solver = "full" if wanted.components < 1 else "auto"
    pca = PCA(wanted.components, svd_solver=solver, random_state=wanted.seed).fit(scaled)
    pickles = {"scaler.pkl": unpickling.dump(scaler), "pca.pkl": unpickling.dump(pca)}
    return Fitted(make_embedding(schema, _read_steps(schema, scaler, pca)), pickles)


def fixed_kind(schema: Schema, wanted: EmbeddingSettings) -> Kind | None:
    """The kind that the settings name, or the only one there is; None if `auto` may choose."""
    if wanted.pipeline:
        return "pipeline"
    if wanted.method != "auto":
        return wanted.method
    return "pca" if schema.image is not None else None


def expected_residuals(
    schema: Schema, rows: Numbers, held_out: Numbers, fitted: Fitted, seed: int
) -> Numbers:
    """The PCA residuals that new rows will have: those of the rows held out of the fit.

    Where these are too few, that of each row under a fit that was not shown it. Empty where the
    embedding has no residual, or the rows are too few for that too.
    """
    embedding = fitted.embedding
    if not embedding.has_residual:
        return np.empty(0)
    if len(held_out) >= ENOUGH_HELD_OUT:
        return embedding.embed(held_out)[1]
    width = EmbeddingSettings(components=embedding.width, seed=seed)
    residuals = np.empty(len(rows))
    folds = KFold(min(RESIDUAL_FOLDS, len(rows)), shuffle=True, random_state=seed)
    for shown, left_out in folds.split(rows):
        if embedding.width > len(shown):
            return np.empty(0)
        part = fit_embedding(schema, rows[shown], width, "pca")
        _, residuals[left_out] = part.embedding.embed(rows[left_out])
    return residuals


def _fit_pipeline(schema: Schema, rows: Numbers, named: str) -> Fitted:
    """The transformer that `module:function` makes, fitted; the function may take the schema."""
    module, _, function = named.partition(":")
    try:
        make = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise InvalidSetting(
            f"embedding.pipeline is '{named}', which is not there: {error}."
        ) from None
    try:
        transformer = clone(make(schema)).fit(rows)
        content = unpickling.dump(transformer)
        embedding = make_pipeline_embedding(schema, transformer, content)
        embedding.embed(rows)
    except (TypeError, ValueError, AttributeError, pickle.PicklingError) as error:
        reason = str(error).partition("\n")[0][:300]
        raise InvalidSetting(f"embedding.pipeline '{named}' cannot be used: {reason}") from error
    return Fitted(embedding, {})


def _make_scaler(schema: Schema) -> Any:
    """A StandardScaler; for a table behind the filling of gaps and a column for each category."""
    if schema.image is not None:
        return StandardScaler()
    columns = ColumnTransformer(
        [
            ("numbers", _fill("median"), _places(schema, "number", "integer")),
            ("booleans", _fill("most_frequent"), _places(schema, "boolean")),
            ("categories", _one_hot(schema), _places(schema, "category")),
            *_dates(schema),
        ]
    )
    return make_pipeline(columns, StandardScaler())


def _standard_scaler(schema: Schema, scaler: Any) -> Any:
    return scaler if schema.image is not None else scaler[-1]


def _dates(schema: Schema) -> list[tuple[str, Any, list[int]]]:
    """No step where no feature is a date: an empty list of columns cannot be cut into parts."""
    places = _places(schema, "date")
    parts = make_pipeline(_fill("median"), FunctionTransformer(all_date_parts))
    return [("dates", parts, places)] if places else []


def _fill(strategy: str) -> SimpleImputer:
    """A column whose few values all fell into the holdout is kept, and filled with 0."""
    return SimpleImputer(strategy=strategy, keep_empty_features=True)


def _places(schema: Schema, *types: str) -> list[int]:
    return [place for place, feature in enumerate(schema.features) if feature.type in types]


def _one_hot(schema: Schema) -> OneHotEncoder:
    """Each known category, the missing one and the unseen one get a column of their own."""
    codes = [np.arange(len(f.categories) + 2) for f in schema.features if f.type == "category"]
    return OneHotEncoder(categories=codes, sparse_output=False)


def _read_steps(schema: Schema, scaler: Any, pca: PCA | None) -> EmbeddingArrays:
    """The numbers of the fitted objects, their columns back in the order of the features."""
    fills = np.zeros(len(schema.features))
    sources, codes = np.arange(len(fills)), np.full(len(fills), -1)
    standard = _standard_scaler(schema, scaler)
    if schema.image is None:
        columns = scaler[0].named_transformers_
        numbers = _places(schema, "number", "integer")
        booleans, categories = _places(schema, "boolean"), _places(schema, "category")
        if numbers:
            fills[numbers] = columns["numbers"].statistics_
        if booleans:
            fills[booleans] = columns["booleans"].statistics_
        if dates := _places(schema, "date"):
            fills[dates] = columns["dates"][0].statistics_
        parts = [(d, FIRST_PART - place) for d in dates for place in range(len(PARTS))]
        marks = [(c, code) for c in categories for code in range(_buckets(schema, c))] + parts
        plain = numbers + booleans
        sources = np.array(plain + [c for c, _ in marks])
        codes = np.array([-1] * len(plain) + [code for _, code in marks])
    factors, centres = 1.0 / standard.scale_, standard.mean_
    order = np.lexsort((codes, sources))
    components = None
    if pca is not None:
        centres = centres + pca.mean_ * standard.scale_
        components = np.ascontiguousarray(pca.components_.T[order])
    return EmbeddingArrays(
        fills, sources[order], codes[order], centres[order], factors[order], components
    )


def _buckets(schema: Schema, place: int) -> int:
    return len(schema.features[place].categories) + 2
