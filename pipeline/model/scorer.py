"""Vectors in, labels and probabilities out, without scikit-learn: what serving calls."""

from typing import Any, Protocol

import numpy as np

from pipeline.arrays import Indices, Numbers
from pipeline.registry.signed_folder import SignedFolder


class Scorer(Protocol):
    labels: tuple[str, ...]

    def score(self, vectors: Numbers) -> tuple[Indices, Numbers]:
        """For each vector the index of its label in `labels`, and the probability of each."""


class OnnxScorer:
    """A classifier as an ONNX graph, run in the calling thread."""

    def __init__(self, content: bytes, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self._session = _open_session(content)
        self._input = self._session.get_inputs()[0]
        self._type = np.float64 if self._input.type == "tensor(double)" else np.float32
        self._names = [output.name for output in self._session.get_outputs()]
        self._places = {label: place for place, label in enumerate(labels)}

    def score(self, vectors: Numbers) -> tuple[Indices, Numbers]:
        feed = {self._input.name: vectors.astype(self._type, copy=False)}
        if len(self._names) == 1:
            probabilities = self._session.run(self._names, feed)[0]
            return probabilities.argmax(axis=1), probabilities
        labels, probabilities = self._session.run(self._names, feed)
        if labels.dtype.kind in "iu":  # from a library that numbers its classes
            return labels.astype(np.int64), probabilities.astype(np.float64)
        places = np.array([self._places[label] for label in labels.tolist()], dtype=np.int64)
        return places, probabilities.astype(np.float64)


class SklearnScorer:
    """A classifier that could not be compiled, run by its own library.

    `labels` is given because the library may number its classes (XGBoost).
    """

    def __init__(self, model: Any, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self._model = model
        self._places = {str(known): place for place, known in enumerate(model.classes_)}

    def score(self, vectors: Numbers) -> tuple[Indices, Numbers]:
        labels = self._model.predict(vectors)
        places = np.array([self._places[str(label)] for label in labels], dtype=np.int64)
        return places, self._model.predict_proba(vectors)


def _open_session(content: bytes) -> Any:
    import onnxruntime  # 17 MB of memory that a waiting trainer saves

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # more threads sum votes in another order
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def load_scorer(version: SignedFolder) -> Scorer:
    """The scorer of a verified version."""
    labels = tuple(version.manifest["classes"])
    if version.manifest["served_by"] == "onnx":
        return OnnxScorer(version.read("model.onnx"), labels)
    return SklearnScorer(version.unpickle("model.pkl"), labels)
