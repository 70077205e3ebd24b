"""Proves that a compiled classifier answers as scikit-learn does. Used by pipeline/compiled.py."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.embedding import Numbers
from pipeline.scorer import CompiledScorer
from pipeline.settings import WrongSetting

MOST_DISTANCE = 1e-5  # of two probabilities; what float32 loses in a sum of votes lies below 1e-6


class ParityBroken(Exception):
    """The compiled classifier answers otherwise than scikit-learn somewhere."""


@dataclass(frozen=True)
class Parity:
    """How far a compiled classifier is from scikit-learn's."""

    points: int
    label_differences: int
    largest_probability_difference: float


@dataclass(frozen=True)
class Probes:
    """Points around the data, and scikit-learn's answers there."""

    vectors: Numbers
    labels: NDArray[np.str_]
    probabilities: Numbers


def ask(model: Any, around: Numbers, points: int, seed: int) -> Probes:
    """What scikit-learn answers around the given vectors."""
    vectors = probe_points(around, points, seed)
    try:
        return Probes(vectors, model.predict(vectors), model.predict_proba(vectors))
    except ValueError as error:
        name, reason = type(model).__name__, str(error).partition("\n")[0][:300]
        raise WrongSetting(f"{name} has no answer close to its data: {reason}") from error


def probe_points(around: Numbers, points: int, seed: int) -> Numbers:
    """Points on the data, close to it, and well around it, in equal parts."""
    random = np.random.default_rng(seed)
    picked = around[random.integers(len(around), size=points)]
    reach = np.resize([0.0, 0.1, 1.0], points)[:, None] * around.std(axis=0)
    moved: Numbers = picked + random.normal(size=picked.shape) * reach
    return moved


def prove(model: Any, content: bytes, probes: Probes) -> Parity:
    """Let the compiled form answer too, or raise ParityBroken."""
    scorer = CompiledScorer(content, tuple(str(label) for label in model.classes_))
    places, probabilities = scorer.score(probes.vectors)
    points = len(probes.vectors)
    differences = int((model.classes_[places] != probes.labels).sum())
    distance = float(np.abs(probabilities - probes.probabilities).max())
    if differences:
        raise ParityBroken(
            f"the compiled {type(model).__name__} gives another label than scikit-learn on "
            f"{differences} of {points} points, so it is not used."
        )
    if not distance <= MOST_DISTANCE:
        raise ParityBroken(
            f"the compiled {type(model).__name__} gives a probability that is {distance:.2g} off "
            f"scikit-learn's, so it is not used."
        )
    return Parity(points, differences, distance)
