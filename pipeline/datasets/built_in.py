"""The datasets that come with scikit-learn, and the name of ours whose months are made."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.data.schema import Feature, ImageShape, Schema, pixel_features
from pipeline.datasets.dataset import Dataset, sorted_labels

CHURN_FOLDER, CHURN_TARGET = "churn", "churn_label"


def _load_digits() -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    shape = ImageShape(8, 8, maximum=16.0)
    targets = [str(target) for target in bunch.target]
    features = pixel_features(shape, bunch.data[0])
    schema = Schema("image", "digit", sorted_labels(targets), features, shape)
    return Dataset(schema, bunch.data.astype(np.float64), np.array(targets))


def _load_breast_cancer() -> Dataset:
    from sklearn.datasets import load_breast_cancer

    return _from_bunch(load_breast_cancer(), "diagnosis")


def _load_iris() -> Dataset:
    from sklearn.datasets import load_iris

    return _from_bunch(load_iris(), "species")


def _from_bunch(bunch: Any, target: str) -> Dataset:
    targets = [str(bunch.target_names[code]) for code in bunch.target]
    columns = zip(bunch.feature_names, bunch.data.T, strict=True)
    features = tuple(
        Feature(
            str(name).replace(" (cm)", "_cm").replace(" ", "_"),
            "number",
            float(column.min()),
            float(column.max()),
            example=float(np.sort(column)[len(column) // 2]),
        )
        for name, column in columns
    )
    schema = Schema("tabular", target, sorted_labels(targets), features)
    return Dataset(schema, bunch.data.astype(np.float64), np.array(targets))


BUILT_IN: dict[str, Callable[[], Dataset]] = {
    "digits": _load_digits,
    "breast_cancer": _load_breast_cancer,
    "iris": _load_iris,
}
