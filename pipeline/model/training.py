"""Trains a classifier and makes the files of a version. Used by `make train` and the trainer."""

import io
import resource
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pipeline import unpickling
from pipeline.arrays import Labels, Numbers
from pipeline.data import holdout_sample
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.classifier import Model, make_classifier
from pipeline.model.onnx_export import OnnxExport, export_to_onnx
from pipeline.model.out_of_sample import OutOfSample, fit_and_predict
from pipeline.model.scorer import OnnxScorer, Scorer, SklearnScorer
from pipeline.progress import Progress, no_progress
from pipeline.quality.calibration import calibrate, was_right
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import InvalidSetting


@dataclass(frozen=True)
class TrainedModel:
    """A classifier, its compiled form, and its out-of-sample predictions."""

    model: Model
    vectors: LabelledVectors = field(repr=False)
    out_of_sample: OutOfSample
    wanted: TrainingSettings

    @cached_property
    def compiled(self) -> OnnxExport:
        """Compiled at first use, for not every candidate is published."""
        wanted = self.wanted
        return export_to_onnx(self.model, self.vectors.values, wanted.parity_points, wanted.seed)

    def scorer(self) -> Scorer:
        """The scorer that serving will use."""
        labels = tuple(self.model.classes_.tolist())
        if self.compiled.content is None:
            return SklearnScorer(self.model.estimator, labels)
        return OnnxScorer(self.compiled.content, labels)

    @property
    def files(self) -> dict[str, bytes]:
        pickled = unpickling.dump(self.model.estimator)
        files = {"model.pkl": pickled, "reference.csv": self.out_of_sample.reference}
        if self.compiled.content is not None:
            files["model.onnx"] = self.compiled.content
        return files

    def facts(self) -> dict[str, Any]:
        parity = self.compiled.parity
        named = {"name": self.wanted.classifier, "parameters": self.wanted.parameters}
        return {
            "classifier": named,
            "classes": self.model.classes_.tolist(),
            "served_by": "scikit-learn" if self.compiled.content is None else "onnx",
            "served_by_reason": self.compiled.reason,
            "parity": None if parity is None else asdict(parity),
            "out_of_fold": asdict(self.out_of_sample.scores),
            "memory_mb": peak_memory_mb(),
        }


def peak_memory_mb() -> int:
    """The peak memory of this process, which is that of the training."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # Linux counts in KiB


def calibration_curve(
    trained: TrainedModel, of_holdout: Numbers, holdout: LabelledVectors
) -> list[float]:
    """How often predictions are right, for each confidence of the grid."""
    known, classes = trained.out_of_sample, tuple(trained.model.classes_.tolist())
    calibration = calibrate(known.probabilities, classes, known.targets)
    if len(holdout):
        right = was_right(of_holdout, classes, holdout.targets)
        calibration = calibration.correct(right, of_holdout)
    return calibration.on_grid()


def train(
    vectors: LabelledVectors, wanted: TrainingSettings, progress: Progress = no_progress
) -> TrainedModel:
    """Fit on all vectors, and predict some of them out of sample."""
    classifier = make_classifier(wanted, vectors.targets)
    bound_samples(classifier, len(vectors), wanted.max_samples)
    try:
        model, out_of_sample = fit_and_predict(classifier, vectors, wanted, progress)
    except ValueError as error:  # scikit-learn's error for parameters or data that it cannot use
        reason = str(error).partition("\n")[0][:300]
        raise InvalidSetting(f"{wanted.classifier} cannot be trained so: {reason}") from error
    return TrainedModel(model, vectors, out_of_sample, wanted)


def score_holdout(model: Model, holdout: LabelledVectors) -> Numbers:
    """The classifier's probabilities for the holdout, on which it was not trained."""
    if not len(holdout):
        return np.zeros((0, len(model.classes_)))
    return model.predict_proba(holdout.values)


def holdout_files(probabilities: Numbers, holdout: LabelledVectors) -> dict[str, bytes]:
    """These probabilities and the targets as a file of the version."""
    if not len(holdout):
        return {}
    buffer = io.BytesIO()
    arrays = {"probabilities": probabilities, "targets": holdout.targets.astype(np.str_)}
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return {holdout_sample.SCORES_FILE: buffer.getvalue()}


def bound_samples(classifier: Any, rows: int, most: int) -> None:
    """Limit how many rows each tree of a forest draws, unless the settings say how many."""
    parameters = classifier.get_params()
    unsaid = parameters.get("max_samples", most) is None and parameters.get("bootstrap", False)
    if unsaid and rows > most:
        classifier.set_params(max_samples=most)


def predict(model: Model, vectors: Numbers) -> Labels:
    """The classifier's labels, also for no rows at all."""
    return model.predict(vectors) if len(vectors) else np.zeros(0, dtype=np.str_)
