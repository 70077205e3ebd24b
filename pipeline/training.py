"""Trains a classifier on vectors and makes all that a version holds. Used by train and trainer."""

import io
from dataclasses import asdict, dataclass
from typing import Any

import joblib
import numpy as np

from pipeline.classifier import make_classifier
from pipeline.compiled import Compiled, compile_classifier
from pipeline.embedding import Numbers
from pipeline.knobs import TrainingSettings
from pipeline.out_of_fold import HeldOut, fit_in_folds, fit_once
from pipeline.progress import Progress, no_progress
from pipeline.scorer import CompiledScorer, PickledScorer, Scorer
from pipeline.settings import WrongSetting
from pipeline.vectors import Vectors


@dataclass(frozen=True)
class Trained:
    """A classifier, its compiled form, and what it predicts for rows that it was not shown."""

    model: Any
    compiled: Compiled
    held_out: HeldOut

    def scorer(self) -> Scorer:
        """As serving will ask it."""
        if self.compiled.content is None:
            return PickledScorer(self.model)
        labels = tuple(str(label) for label in self.model.classes_)
        return CompiledScorer(self.compiled.content, labels)

    @property
    def files(self) -> dict[str, bytes]:
        files = {"model.pkl": _pickle(self.model), "reference.csv": self.held_out.reference}
        if self.compiled.content is not None:
            files["model.onnx"] = self.compiled.content
        return files

    def facts(self, wanted: TrainingSettings) -> dict[str, Any]:
        parity = self.compiled.parity
        return {
            "classifier": {"name": wanted.classifier, "parameters": wanted.parameters},
            "classes": [str(label) for label in self.model.classes_],
            "served_by": "scikit-learn" if self.compiled.content is None else "onnx",
            "served_by_reason": self.compiled.reason,
            "parity": None if parity is None else asdict(parity),
            "out_of_fold": asdict(self.held_out.scores),
        }


def train(vectors: Vectors, wanted: TrainingSettings, progress: Progress = no_progress) -> Trained:
    """Fit on all the vectors; the out-of-fold reference comes from fits on parts of them."""
    classifier = make_classifier(wanted, vectors.targets)
    bound_samples(classifier, len(vectors), wanted.max_samples)
    fit = fit_once if len(vectors) > wanted.one_fit_rows else fit_in_folds
    try:
        model, held_out = fit(classifier, vectors, wanted, progress)
    except ValueError as error:  # what scikit-learn raises for parameters and data it cannot use
        reason = str(error).partition("\n")[0][:300]
        raise WrongSetting(f"{wanted.classifier} cannot be trained so: {reason}") from error
    if model.get_params().get("n_jobs") is not None:
        model.set_params(n_jobs=1)  # for one row, threads cost more than they save
    progress("compiling", 0.0)
    compiled = compile_classifier(model, vectors.values, wanted.parity_points, wanted.seed)
    progress("compiling", 1.0)
    return Trained(model, compiled, held_out)


def bound_samples(classifier: Any, rows: int, most: int) -> None:
    """Let each tree of a forest draw at most so many rows, unless the settings say otherwise."""
    parameters = classifier.get_params()
    unsaid = parameters.get("max_samples", most) is None and parameters.get("bootstrap", False)
    if unsaid and rows > most:
        classifier.set_params(max_samples=most)


def predict(model: Any, vectors: Numbers) -> np.ndarray[Any, np.dtype[np.str_]]:
    """The labels by scikit-learn itself, for scores."""
    labels: np.ndarray[Any, np.dtype[np.str_]] = model.predict(vectors)
    return labels


def _pickle(model: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=3)
    return buffer.getvalue()
