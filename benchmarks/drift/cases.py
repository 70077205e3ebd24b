"""The rows of the table of benchmarks/drift/__main__.py that count windows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.drift.populations import Change, fit_embedding, make_population, plain_columns
from reporting.drift.categorical_tests import count_labels, detect_label_drift
from reporting.drift.dataset_drift import compare
from reporting.drift.reference_columns import make_reference
from reporting.insufficient import Insufficient

WINDOWS, PER_REFERENCE = 500, 50  # another reference is drawn for every 50 windows

Window = Mapping[str, ArrayLike]
Batch = tuple[Window, Sequence[Window]]  # a reference and windows that are compared with it
Draw = Callable[[np.random.Generator], Batch]
Verdict = bool | None  # None: insufficient
Judge = Callable[[Window, Sequence[Window]], list[Verdict]]
Load = Callable[..., Any]  # one of scikit-learn's datasets


@dataclass(frozen=True)
class Case:
    what: str
    draw: Draw
    judge: Judge
    at_least: float | None = None  # share of windows found
    at_most: float | None = None  # share of passes that alarm; then none may hold over two
    quiet: bool = False  # without a goal, but say how many alarms hold


def plain(rows: int = 500, shifted: int = 0, by: float = 0.0) -> Draw:
    def draw(rng: np.random.Generator) -> Batch:
        windows = [plain_columns(rows, rng, shifted, by) for _ in range(PER_REFERENCE)]
        return plain_columns(5_000, rng), windows

    return draw


def embedded(load: Load, change: Change | None = None, rows: int = 5_000) -> Draw:
    population = make_population(*load(return_X_y=True))

    def draw(rng: np.random.Generator) -> Batch:
        embedding, reference = fit_embedding(population, rows, rng)
        drawn = [population.draw(500, rng) for _ in range(PER_REFERENCE)]
        changed = [change(window, rng) if change else window for window in drawn]
        return reference, [embedding.embed(window) for window in changed]

    return draw


def labels(change: float = 0.0) -> Draw:
    """Two labels as in breast_cancer, 63 to 37, of which one loses the change to the other."""

    def some(rows: int, share: float, rng: np.random.Generator) -> Window:
        return {"target": rng.choice(["benign", "malignant"], rows, p=[share, 1 - share])}

    def draw(rng: np.random.Generator) -> Batch:
        windows = [some(1_000, 0.63 - change, rng) for _ in range(PER_REFERENCE)]
        return some(5_000, 0.63, rng), windows

    return draw


def judge_columns(reference: Window, windows: Sequence[Window]) -> list[Verdict]:
    known = make_reference(reference)
    results = [compare(known, window) for window in windows]
    return [None if isinstance(result, Insufficient) else result.drifted for result in results]


def judge_labels(reference: Window, windows: Sequence[Window]) -> list[Verdict]:
    known = count_labels(np.asarray(reference["target"]).tolist())
    counted = [count_labels(np.asarray(window["target"]).tolist()) for window in windows]
    results = [detect_label_drift(known, counts) for counts in counted]
    return [None if isinstance(result, Insufficient) else result.drifted for result in results]
