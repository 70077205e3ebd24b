"""Makes a candidate of a classifier that was trained elsewhere.

The embedding in use stays, so that all vectors can be compared. A model that reads vectors is taken
as it is. In front of one that reads features, linear steps turn vectors back into features.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import TruncatedSVD
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from pipeline import unpickling
from pipeline.arrays import Labels, Numbers
from pipeline.data.observation import canonical_label
from pipeline.embedding.affine import AffineEmbedding, EmbeddingArrays
from pipeline.embedding.embedding import Embedding
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.classifier import Model
from pipeline.model.out_of_sample import describe_predictions
from pipeline.model.training import TrainedModel, predict, score_holdout
from pipeline.registry.prepared import PreparedData
from pipeline.registry.signed_folder import libraries
from pipeline.retraining.candidate import SHOWN, Candidate, TrainingRows
from pipeline.setting_tables import TrainingSettings

FOLDER = "foreign"  # a folder in that of the artifacts
NUMBERS = ("number", "integer", "boolean")  # types of features that are plain numbers
NUMBER_CODE = -1  # in EmbeddingArrays: the column is a number, and not a category


class ForeignRefused(Exception):
    """A model that cannot be a version; the text says why."""


@dataclass(frozen=True)
class ForeignModel:
    """A pickle that was not opened yet, and what its sender says about it."""

    source: str
    columns: tuple[str, ...]  # its inputs, in order
    scikit_learn: str
    pickled: bytes

    def to_bytes(self) -> bytes:
        return msgspec.json.encode(self)


def read_foreign(content: bytes) -> ForeignModel:
    try:
        return msgspec.json.decode(content, type=ForeignModel)
    except msgspec.MsgspecError as error:
        raise ForeignRefused(f"its file cannot be read ({error})") from None


class ForeignCandidate(Candidate):
    """Its training rows are not known, so it predicts the judges alone."""

    def predict(self, rows: TrainingRows) -> Labels:
        said = np.full(len(rows.production), SHOWN, dtype=object)
        said[rows.judges] = predict(self.trained.model, rows.production.values[rows.judges])
        return said.astype(np.str_)


def make_foreign_candidate(
    given: ForeignModel, prepared: PreparedData, wanted: TrainingSettings
) -> ForeignCandidate:
    """Its predictions for the holdout serve as its out-of-sample predictions."""
    estimator = _open(given, prepared.sealed.trusted)
    restored = _restore(given.columns, prepared.embedding)
    if restored:
        estimator = Pipeline([*restored, ("model", estimator)])
    model = Model(estimator, _read_labels(estimator, prepared.embedding.schema.labels))
    rows = np.arange(min(len(prepared.holdout), wanted.reference_rows))
    asked = prepared.holdout.where(rows)
    shares = _try(model, asked)
    named = f"{_name_last_step(estimator)}, {given.source}"
    how = wanted.model_copy(update={"classifier": named, "parameters": {}})
    known = describe_predictions(asked, model.classes_, rows, shares)
    none = np.zeros(0, dtype=np.int64)
    return ForeignCandidate(TrainedModel(model, prepared.reference, known, how), none)


def _open(given: ForeignModel, trusted: Sequence[str]) -> Any:
    needed = libraries()["scikit-learn"]
    if given.scikit_learn != needed:
        raise ForeignRefused(f"it is of scikit-learn {given.scikit_learn}, {needed} is here")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as InconsistentVersionWarning
            found = unpickling.load(given.pickled, trusted)
    except Exception as error:  # a damaged pickle raises whatever it meets
        said = str(error).partition("\n")[0][:300].rstrip(".")
        raise ForeignRefused(f"it cannot be unpickled: {said}") from error
    if not (hasattr(found, "predict_proba") and hasattr(found, "classes_")):
        raise ForeignRefused("it is no fitted classifier that gives probabilities")
    _forget_names(found)
    parameters = found.get_params()
    threads = [name for name in parameters if name.endswith("n_jobs") and parameters[name]]
    return found.set_params(**dict.fromkeys(threads, 1))


def _forget_names(found: Any) -> None:
    """Forget column names: an estimator that has them warns whenever it is given an array."""
    if isinstance(found, list | tuple):
        for one in found:
            _forget_names(one)
    elif isinstance(found, BaseEstimator):
        vars(found).pop("feature_names_in_", None)
        for one in vars(found).values():
            _forget_names(one)


def _restore(columns: Sequence[str], embedding: Embedding) -> list[tuple[str, Any]]:
    """The steps that turn a vector into the inputs of the model."""
    if tuple(columns) == embedding.columns:
        return []
    features = embedding.schema.features
    if tuple(columns) != tuple(feature.name for feature in features):
        raise ForeignRefused(
            f"its signature has {_shorten(columns)}, which are neither the columns of ref_data.csv "
            f"({_shorten(embedding.columns)}) nor the features of GET /schema, in their order"
        )
    other = [feature.name for feature in features if feature.type not in NUMBERS]
    if other or not isinstance(embedding, AffineEmbedding):
        which = f"'{other[0]}' is no number" if other else "the embedding is a pipeline"
        raise ForeignRefused(
            f"it reads features that vectors do not tell ({which}): train it on ref_data.csv"
        )
    return _invert(embedding.steps)


def _invert(steps: EmbeddingArrays) -> list[tuple[str, Any]]:
    """Steps from vectors back to features. Filled gaps and what a PCA dropped stay lost."""
    if not (steps.codes == NUMBER_CODE).all() or (steps.factors == 0).any():
        raise ForeignRefused("it reads features that vectors do not tell: train it on ref_data.csv")
    scaler = StandardScaler()
    scaler.mean_, scaler.scale_ = -steps.centres * steps.factors, steps.factors
    scaler.var_, scaler.n_features_in_ = steps.factors**2, len(steps.factors)
    if steps.components is None:
        return [("unscale", scaler)]
    projection = TruncatedSVD(steps.components.shape[1])
    projection.components_, projection.n_features_in_ = steps.components, steps.components.shape[1]
    return [("unproject", projection), ("unscale", scaler)]


def _read_labels(estimator: Any, wanted: Sequence[str]) -> Labels:
    """The labels of the model as text, as all labels are here."""
    classes = np.asarray(estimator.classes_)
    labels = np.array([canonical_label(label) for label in classes.tolist()], dtype=np.str_)
    if labels.tolist() != sorted(wanted):
        raise ForeignRefused(
            f"its labels are {_shorten(labels.tolist())}; they must be {_shorten(sorted(wanted))}"
        )
    if classes.dtype.kind not in "OU" and classes.tolist() != list(range(len(classes))):
        raise ForeignRefused("its labels are numbers: train it with the labels as text")
    return labels


def _try(model: Model, asked: LabelledVectors) -> Numbers:
    """Raise ForeignRefused unless it answers with valid labels and probabilities."""
    try:
        shares = score_holdout(model, asked)
        said = predict(model, asked.values)
    except (
        Exception
    ) as error:  # models raise anything, such as KeyError for columns they want by name
        reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
        raise ForeignRefused(f"it has no answer to an array of numbers ({reason})") from error
    if shares.shape != (len(asked), len(model.classes_)) or not np.isfinite(shares).all():
        raise ForeignRefused("its probabilities are not one number for each label")
    if not np.isin(said, model.classes_).all():
        raise ForeignRefused("it predicts what is no label")
    return shares


def _name_last_step(estimator: Any) -> str:
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return type(estimator).__name__


def _shorten(names: Sequence[str]) -> str:
    some = ", ".join(name[:40] for name in names[:3])
    return some if len(names) <= 3 else f"{some}, … {len(names)} in all"
