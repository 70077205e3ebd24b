"""Measures whether a compiled classifier answers as the original. Used by `onnx_export.py`."""

from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.model.classifier import Model
from pipeline.model.scorer import OnnxScorer
from pipeline.settings import InvalidSetting

MOST_DISTANCE = 1e-5  # of two probabilities; float32 rounding of a sum of votes stays below 1e-6
TIE = 1e-6  # if the two likeliest labels are closer, rounding may choose either


class ParityFailed(Exception):
    """The compiled classifier answers differently at some point."""


@dataclass(frozen=True)
class Parity:
    """How far a compiled classifier is from the original."""

    points: int
    label_differences: int  # ties do not count
    largest_probability_difference: float


@dataclass(frozen=True)
class ParityProbe:
    """Points around the data, and the original's answers there."""

    vectors: Numbers
    labels: Labels
    probabilities: Numbers


def probe(model: Model, around: Numbers, points: int, seed: int) -> ParityProbe:
    """Let the original answer points around the given vectors."""
    vectors = probe_points(around, points, seed)
    try:
        probabilities = model.predict_proba(vectors)
        if model.predicts_likeliest:
            return ParityProbe(vectors, model.classes_[probabilities.argmax(axis=1)], probabilities)
        return ParityProbe(vectors, model.predict(vectors), probabilities)
    except ValueError as error:
        name, reason = type(model.estimator).__name__, str(error).partition("\n")[0][:300]
        raise InvalidSetting(f"{name} has no answer close to its data: {reason}") from error


def probe_points(around: Numbers, points: int, seed: int) -> Numbers:
    """Points on the data, close to it, and well around it, in equal parts."""
    random = np.random.default_rng(seed)
    picked = around[random.integers(len(around), size=points)]
    reach = np.resize([0.0, 0.1, 1.0], points)[:, None] * around.std(axis=0)
    moved: Numbers = picked + random.normal(size=picked.shape) * reach
    return moved


def check_parity(model: Model, content: bytes, probes: ParityProbe) -> Parity:
    """Let the compiled classifier answer too. Raises ParityFailed if it differs."""
    scorer = OnnxScorer(content, tuple(model.classes_.tolist()))
    places, probabilities = scorer.score(probes.vectors)
    points, name = len(probes.vectors), type(model.estimator).__name__
    differ = model.classes_[places] != probes.labels
    differences = int((differ & (_margins(probes.probabilities) > TIE)).sum())
    distance = float(np.abs(probabilities - probes.probabilities).max())
    if differences:
        raise ParityFailed(
            f"the compiled {name} gives another label on {differences} of {points} points"
        )
    if not distance <= MOST_DISTANCE:
        raise ParityFailed(f"the compiled {name} gives a probability that is {distance:.2g} off")
    return Parity(points, differences, distance)


def _margins(probabilities: Numbers) -> Numbers:
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    margins: Numbers = two[:, 1] - two[:, 0]
    return margins
