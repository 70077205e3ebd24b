"""Which classifier `training.classifier = "auto"` takes: tried at `make train`, kept afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.auto.cross_validation import describe, out_of_sample_accuracy, pick_rows
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.classifier import AUTO, BOOSTING, FOREST, LOGISTIC
from pipeline.progress import Progress, no_progress
from pipeline.setting_tables import TrainingSettings

NAMES = {FOREST: "forest", BOOSTING: "gradient boosting", LOGISTIC: "logistic regression"}
MARGIN = 0.01  # accuracy by which another must beat the forest


@dataclass(frozen=True)
class ClassifierChoice:
    """The classifier that was taken, and the out-of-sample accuracy of each that was tried."""

    classifier: str
    tried: dict[str, float]

    def __str__(self) -> str:
        return describe(self.tried, NAMES[self.classifier])


def is_open(wanted: TrainingSettings, is_picture: bool) -> bool:
    """Whether there is something to try: parameters are a forest's, pictures get a forest."""
    return wanted.classifier == AUTO and not wanted.parameters and not is_picture


def choose_classifier(
    vectors: LabelledVectors, wanted: TrainingSettings, progress: Progress = no_progress
) -> ClassifierChoice:
    """Try each on the reference; the forest stays unless another beats it by a point."""
    picked = vectors.where(pick_rows(vectors.targets, wanted.seed))
    scores = {}
    for done, name in enumerate(NAMES):
        progress("trying classifiers", done / len(NAMES))
        tried = wanted.model_copy(update={"classifier": name})
        scores[name] = out_of_sample_accuracy(picked.values, picked.targets, tried)
    progress("trying classifiers", 1.0)
    best = max(scores, key=lambda name: scores[name])
    taken = best if scores[best] > scores[FOREST] + MARGIN else FOREST
    return ClassifierChoice(taken, {NAMES[name]: score for name, score in scores.items()})


def settled(wanted: TrainingSettings, live: Mapping[str, Any] | None) -> TrainingSettings:
    """The settings of a retraining: `auto` keeps what the live version's manifest names.

    One that learned since a change is a forest, and names what is usual besides.
    """
    if wanted.classifier != AUTO:
        return wanted
    name = FOREST if live is None else live.get("usual_classifier") or live["classifier"]["name"]
    return wanted.model_copy(update={"classifier": name})
