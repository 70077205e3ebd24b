"""Makes the classifier that the settings name, fits it, and keeps its labels with it.

Defaults that differ from scikit-learn's are here; docs/retraining.md has the measurements.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone

from pipeline.arrays import Labels, Numbers
from pipeline.model.engine import fit_by_cluster, spread, spreads_itself
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import InvalidSetting

AUTO, FOREST = "auto", "RandomForestClassifier"
BOOSTING, LOGISTIC = "HistGradientBoostingClassifier", "LogisticRegression"
LEAF = 3  # least rows in a leaf of a forest, so that single wrong labels are outvoted
DEFAULTS: dict[str, dict[str, Any]] = {
    # n_jobs: of other classifiers it does nothing, or starts processes
    FOREST: {"min_samples_leaf": LEAF, "n_jobs": -1},
    "ExtraTreesClassifier": {"min_samples_leaf": LEAF, "n_jobs": -1},
    LOGISTIC: {"max_iter": 1000},
    "LGBMClassifier": {"verbosity": -1},
}


@dataclass(frozen=True)
class Model:
    """A fitted classifier and the labels that its classes stand for.

    XGBoost knows only the numbers 0, 1, 2; the pickle holds the library's own object either way.
    """

    estimator: Any
    classes_: Labels

    def predict(self, vectors: Numbers) -> Labels:
        if self.predicts_likeliest:
            said: Labels = self.classes_[self.predict_proba(vectors).argmax(axis=1)]
            return said
        found = np.asarray(self.estimator.predict(vectors))
        return self.classes_[found] if found.dtype.kind in "iu" else found.astype(np.str_)

    def predict_proba(self, vectors: Numbers) -> Numbers:
        return np.asarray(self.estimator.predict_proba(vectors), dtype=np.float64)

    @property
    def predicts_likeliest(self) -> bool:
        """True for a forest: its label follows from its probabilities, without a second run."""
        return is_forest(self.estimator)


def is_forest(estimator: Any) -> bool:
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    return isinstance(estimator, RandomForestClassifier | ExtraTreesClassifier)


def fit(classifier: Any, vectors: Numbers, targets: Labels, wanted: TrainingSettings) -> Model:
    """Fit a copy. Targets are given as text, or as numbers where a library takes only those."""
    labels, given = _targets_for(classifier, targets)
    if spreads_itself(classifier):
        return _finish(fit_by_cluster(clone(classifier), wanted, vectors, given), labels)
    return _finish(spread(wanted, lambda: clone(classifier).fit(vectors, given)), labels)


def fit_each(
    classifier: Any, parts: Iterable[tuple[Numbers, Labels]], wanted: TrainingSettings
) -> Iterator[Model]:
    """Fit each part of the rows: one after the other here, in parallel in a cluster."""
    if wanted.engine == "local" or spreads_itself(classifier):
        yield from (fit(classifier, *part, wanted) for part in parts)
        return
    prepared = [(vectors, *_targets_for(classifier, targets)) for vectors, targets in parts]
    fits = spread(
        wanted,
        lambda: joblib.Parallel(n_jobs=-1)(
            joblib.delayed(clone(classifier).fit)(vectors, given) for vectors, _, given in prepared
        ),
    )
    for estimator, (_, labels, _) in zip(fits, prepared, strict=True):
        yield _finish(estimator, labels)


def _targets_for(classifier: Any, targets: Labels) -> tuple[Labels, Any]:
    """The labels, and the targets as the classifier takes them."""
    labels, codes = np.unique(targets, return_inverse=True)
    numbered = spreads_itself(classifier) or type(classifier).__module__.startswith("xgboost")
    return labels, codes if numbered else targets


def _finish(estimator: Any, labels: Labels) -> Model:
    if estimator.get_params().get("n_jobs") is not None:
        estimator.set_params(n_jobs=1)  # threads make predictions slower, and sum in a random order
    return Model(estimator, labels)


def make_classifier(wanted: TrainingSettings, targets: Labels) -> Any:
    """A fresh classifier; one that gives no probabilities is refused."""
    classifier = _construct(_find(wanted.classifier), wanted, targets)
    if not hasattr(classifier, "predict_proba"):
        raise InvalidSetting(
            f"training.classifier is '{wanted.classifier}', which gives no probabilities; "
            f"choose one with predict_proba."
        )
    return classifier


def _find(name: str) -> Any:
    if "." in name:
        return _import(name)
    classes = _classifiers()
    if name not in classes:
        raise InvalidSetting(
            f"training.classifier is '{name}': scikit-learn has no such classifier; "
            f"RandomForestClassifier, ExtraTreesClassifier and LogisticRegression are some. "
            f"One of another library is named with its module, such as lightgbm.LGBMClassifier."
        )
    return classes[name]


@cache
def _classifiers() -> dict[str, Any]:
    """All classifiers of scikit-learn; cached, because it searches all its modules."""
    from sklearn.utils import all_estimators

    return dict(all_estimators(type_filter="classifier"))


def _import(name: str) -> Any:
    module, _, kind = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), kind)
    except ImportError as error:
        package = module.partition(".")[0]
        raise InvalidSetting(
            f"training.classifier is '{name}', but {package} cannot be imported ({error}): install "
            f"it wherever models are trained and served."
        ) from None
    except AttributeError:
        raise InvalidSetting(f"training.classifier is '{name}': {module} has no {kind}.") from None
    if not (isinstance(found, type) and hasattr(found, "fit")):
        raise InvalidSetting(f"training.classifier is '{name}', which is no classifier.")
    return found


def _construct(kind: Any, wanted: TrainingSettings, targets: Labels) -> Any:
    try:
        classifier = kind(**{**DEFAULTS.get(kind.__name__, {}), **wanted.parameters})
    except TypeError as error:
        raise InvalidSetting(f"training.parameters do not fit {kind.__name__}: {error}.") from None
    known = classifier.get_params()
    if "random_state" in known and "random_state" not in wanted.parameters:
        classifier.set_params(random_state=wanted.seed)
    if known.get("class_weight") in (None, "balanced_subsample") or "." in wanted.classifier:
        return classifier
    return classifier.set_params(class_weight=_weigh(known["class_weight"], targets))


def _weigh(wanted: str | Mapping[str, float], targets: Labels) -> dict[Any, float]:
    """The weight of each label, in the forms under which scikit-learn looks for it.

    From 1.9 on it looks for the label '7' under the number 7, and so fails on what it weighed
    itself: https://github.com/scikit-learn/scikit-learn/issues/34883
    """
    labels, rows = np.unique(targets, return_counts=True)
    balanced = dict(zip(labels.tolist(), len(targets) / (len(labels) * rows), strict=True))
    weights = balanced if wanted == "balanced" else dict.fromkeys(balanced, 1.0)
    if isinstance(wanted, Mapping):
        if unknown := [label for label in wanted if label not in weights]:
            raise InvalidSetting(f"training.parameters weigh '{unknown[0]}', which is no label.")
        weights.update(wanted)
    return {form: float(weight) for label, weight in weights.items() for form in _forms(label)}


def _forms(label: str) -> list[str | int]:
    try:
        return [label, int(label)]
    except ValueError:
        return [label]
