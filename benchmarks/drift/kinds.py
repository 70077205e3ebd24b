"""Changes of which the kind is known, and what `diagnosis` and expected quality say of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import cross_val_predict

from benchmarks.drift import faults
from benchmarks.drift.faults import Faults
from benchmarks.drift.real_tables import HELD_OUT, LEAST, REFERENCE_ROWS, WINDOW, Table
from pipeline.arrays import Labels, Numbers
from pipeline.data.holdout_sample import HoldoutSample
from pipeline.quality.calibration import Calibration, calibrate, was_right
from reporting.drift.categorical_tests import LabelDrift, count_labels, detect_label_drift
from reporting.drift.dataset_drift import compare
from reporting.drift.diagnosis import (
    LabelShift,
    diagnose,
    error_by_shares,
    explains_inputs,
    follow_labels,
)
from reporting.drift.error_drift import ErrorRateMonitor, LabelledRow
from reporting.drift.policy import Rule
from reporting.drift.reference_columns import make_family

WINDOWS = 100
RENAMED, OFTENER = 0.3, 3.0  # share of labels that a new concept renames; weight of a label
LEAST_SHARE = 0.01  # of the rows with a label that comes oftener
LEAST_OF_LABEL = 30  # rows of a window, for its recall to be looked at
DAMAGES = (faults.missing, faults.unseen, faults.other_units, faults.frozen)
CLASSIFIERS = {
    "forest": RandomForestClassifier(min_samples_leaf=3, n_jobs=-1, random_state=0),
    "boosting": HistGradientBoostingClassifier(random_state=0),
}


@dataclass(frozen=True)
class Window:
    rows: Numbers
    targets: Labels


class Served:
    """A table, a classifier that learned from a part of it, and the rest to draw windows from."""

    def __init__(self, table: Table, classifier: str) -> None:
        self.random = np.random.default_rng(6)
        self.features = table.features
        self.faults = Faults(table.features, table.rows, 6)
        order = self.random.permutation(len(table.rows))
        known, held, rest = np.split(order, [REFERENCE_ROWS, REFERENCE_ROWS + HELD_OUT])
        self.rest, self.rest_targets = table.rows[rest], table.targets[rest]
        self.known = HoldoutSample(table.rows[known], table.targets[known])
        estimator = clone(CLASSIFIERS[classifier])
        rows, targets = self.known.values, self.known.targets
        told = cross_val_predict(estimator, rows, targets, cv=3, method="predict_proba")
        self.model = estimator.fit(rows, targets)
        self.classes = tuple(self.model.classes_.tolist())
        self.told = told
        self.predicted = np.array(self.classes)[told.argmax(axis=1)]
        asked = self.model.predict_proba(table.rows[held])
        right = was_right(asked, self.classes, table.targets[held])
        self.calibration: Calibration = calibrate(told, self.classes, targets).correct(right, asked)
        self.family = make_family("features", self.features, rows, LEAST, linked=True)

    def draw(self, weights: Numbers | None = None, rows: int = WINDOW) -> Window:
        shares = None if weights is None else weights / weights.sum()
        chosen = self.random.choice(len(self.rest), rows, replace=False, p=shares)
        return Window(self.rest[chosen].copy(), self.rest_targets[chosen].copy())

    def tilt(self, rows: int = WINDOW) -> Window:
        """Rows with a high value of some number oftener: by e to the power of its sd."""
        (place,) = self.faults.some(self.faults.numbers)
        values = np.nan_to_num(self.rest[:, place], nan=float(np.nanmean(self.rest[:, place])))
        score = (values - values.mean()) / max(values.std(), 1e-9)
        return self.draw(np.exp(np.clip(score, -3, 3)), rows)

    def damage(self) -> Window:
        window = self.draw()
        DAMAGES[self.random.integers(len(DAMAGES))](self.faults, window.rows)
        return window

    def rename(self, share: float = RENAMED, rows: int = WINDOW) -> Window:
        """Each label of some rows is the next label instead."""
        window = self.draw(rows=rows)
        following = dict(zip(self.classes, (*self.classes[1:], self.classes[0]), strict=True))
        chosen = self.random.random(rows) < share
        window.targets[chosen] = [following[label] for label in window.targets[chosen].tolist()]
        return window

    def favour(self) -> Window:
        shares = np.array([(self.rest_targets == label).mean() for label in self.classes])
        label = self.random.choice(np.array(self.classes)[shares >= LEAST_SHARE])
        return self.draw(np.where(self.rest_targets == label, OFTENER, 1.0))

    def diagnose(self, window: Window) -> str:
        """As a pass does, of a window that is labelled throughout."""
        asked = self.model.predict_proba(window.rows)
        said = np.array(self.classes)[asked.argmax(axis=1)]
        expected, monitor = self.calibration.wrong(asked.max(axis=1)), ErrorRateMonitor()
        rows = zip((said != window.targets).tolist(), expected.tolist(), strict=True)
        monitor.update(LabelledRow(seq, *row, "") for seq, row in enumerate(rows))
        drift = compare([self.family], {"features": window.rows}, Rule())
        target = detect_label_drift(count_labels(self.known.targets), count_labels(window.targets))
        shift = None
        if isinstance(target, LabelDrift) and target.drifted:
            kind = (self.family, self.known, window.rows, window.targets, Rule())
            error = error_by_shares(self.known.targets, self.predicted, window.targets)
            known = (self.told, self.known.targets, self.classes)
            answers = follow_labels(*known, asked, window.targets)
            shift = LabelShift(explains_inputs(*kind), answers, error)
        errors, foretold = monitor.state("", LEAST), self.calibration.expect(asked)
        return diagnose(drift, target, errors, foretold, shift).kind

    def miss(self, draw: Callable[[], Window]) -> tuple[float, float]:
        """Points by which the expected accuracy is off, and the recall of a label, in the mean."""
        off, of_labels = [], []
        for _ in range(WINDOWS):
            window = draw()
            asked = self.model.predict_proba(window.rows)
            right = was_right(asked, self.classes, window.targets)
            expected = self.calibration.expect(asked, self.classes)
            off.append(abs(expected.accuracy - float(right.mean())) * 100)
            for label, scores in expected.classes.items():
                own = window.targets == label
                if own.sum() >= LEAST_OF_LABEL and scores.recall is not None:
                    of_labels.append(abs(scores.recall - float(right[own].mean())) * 100)
        return float(np.mean(off)), float(np.mean(of_labels))


CHANGES: dict[str, tuple[str, Callable[[Served], Window]]] = {
    "nothing": ("none", Served.draw),
    "damage (missing, unseen, units, frozen)": ("damage", Served.damage),
    f"concept ({RENAMED:.0%} of the labels renamed)": ("concept", Served.rename),
    f"target (one label {OFTENER:.0f} times as often)": ("target", Served.favour),
    "covariate (a tilt of one number)": ("covariate", Served.tilt),
}


def count_diagnosed(tables: Sequence[Table], goal: float) -> list[list[str]]:
    """For each kind of change how many windows are told right; in bold what misses the goal."""
    served = [Served(table, "forest") for table in tables]
    lines = []
    for what, (kind, change) in CHANGES.items():
        right = [sum(one.diagnose(change(one)) == kind for _ in range(WINDOWS)) for one in served]
        shares = [count / WINDOWS for count in right]
        lines.append([what, *(f"{s:.0%}" if s >= goal else f"**{s:.0%}**" for s in shares)])
        print(" | ".join(lines[-1]), flush=True)
    return lines


def miss_expected(tables: Sequence[Table]) -> list[list[str]]:
    lines = []
    for classifier in CLASSIFIERS:
        served = [Served(table, classifier) for table in tables]
        missed = [(one.miss(one.draw), one.miss(one.tilt)) for one in served]
        for place, what in enumerate(("accuracy", "recall of a label")):
            cells = [f"{calm[place]:.1f} / {tilted[place]:.1f}" for calm, tilted in missed]
            lines.append([f"{what}, {classifier}, calm / tilted", *cells])
            print(" | ".join(lines[-1]), flush=True)
    return lines
