"""The classifier that the settings name, made ready to train."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.knobs import TrainingSettings
from pipeline.settings import WrongSetting


def make_classifier(wanted: TrainingSettings, targets: NDArray[np.str_]) -> Any:
    """A fresh scikit-learn classifier; one that gives no probabilities is refused."""
    from sklearn.utils import all_estimators

    classes = dict(all_estimators(type_filter="classifier"))
    if wanted.classifier not in classes:
        raise WrongSetting(
            f"training.classifier is '{wanted.classifier}': scikit-learn has no such classifier; "
            f"RandomForestClassifier, ExtraTreesClassifier and LogisticRegression are some."
        )
    classifier = _construct(classes[wanted.classifier], wanted, targets)
    if not hasattr(classifier, "predict_proba"):
        raise WrongSetting(
            f"training.classifier is '{wanted.classifier}', which gives no probabilities; "
            f"choose one with predict_proba."
        )
    return classifier


def _construct(kind: Any, wanted: TrainingSettings, targets: NDArray[np.str_]) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    try:
        classifier = kind(**wanted.parameters)
    except TypeError as error:
        raise WrongSetting(f"training.parameters do not fit {kind.__name__}: {error}.") from None
    known = classifier.get_params()
    if "random_state" in known and "random_state" not in wanted.parameters:
        classifier.set_params(random_state=wanted.seed)
    if (
        issubclass(kind, RandomForestClassifier | ExtraTreesClassifier)
        and "n_jobs" not in wanted.parameters
    ):
        classifier.set_params(n_jobs=-1)  # elsewhere it does nothing, or starts processes
    if known.get("class_weight") in (None, "balanced_subsample"):
        return classifier
    return classifier.set_params(class_weight=_weigh(known["class_weight"], targets))


def _weigh(wanted: str | Mapping[str, float], targets: NDArray[np.str_]) -> dict[Any, float]:
    """The weight of each label, in the forms under which scikit-learn looks for it.

    From 1.9 on it looks for the label '7' under the number 7, and so fails on what it weighed
    itself: https://github.com/scikit-learn/scikit-learn/issues/34883
    """
    labels, rows = np.unique(targets, return_counts=True)
    balanced = dict(zip(labels.tolist(), len(targets) / (len(labels) * rows), strict=True))
    weights = balanced if wanted == "balanced" else dict.fromkeys(balanced, 1.0)
    if isinstance(wanted, Mapping):
        if unknown := [label for label in wanted if label not in weights]:
            raise WrongSetting(f"training.parameters weigh '{unknown[0]}', which is no label.")
        weights.update(wanted)
    return {form: float(weight) for label, weight in weights.items() for form in _forms(label)}


def _forms(label: str) -> list[str | int]:
    try:
        return [label, int(label)]
    except ValueError:
        return [label]
