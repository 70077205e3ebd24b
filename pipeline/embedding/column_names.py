"""The names of a vector's numbers: the header of `ref_data.csv`, `prod_data.csv` and the like."""

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from pipeline.data.schema import Feature, Schema
from pipeline.embedding.date_parts import PARTS

FIRST_PART = -2  # as a code: the first part of a date; the second is one less, and so on
TAKEN = ("target", "prediction", "pca_residual")  # columns that stand beside a vector


def pca_columns(width: int) -> tuple[str, ...]:
    return tuple(f"PCA_{place}" for place in range(1, width + 1))


def describe_columns(schema: Schema, sources: NDArray[Any], codes: NDArray[Any]) -> tuple[str, ...]:
    """`depth` for a number, `cut=Ideal` for a category, each name once."""
    pairs = zip(sources.tolist(), codes.tolist(), strict=True)
    return unique_names(_describe(schema.features[source], code) for source, code in pairs)


def _describe(feature: Feature, code: int) -> str:
    if code <= FIRST_PART:
        return f"{feature.name}_{PARTS[FIRST_PART - code]}"
    if code < 0:
        return feature.name
    return f"{feature.name}={(*feature.categories, '(missing)', '(unseen)')[code]}"


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """A name that is taken gets a number behind it."""
    found: dict[str, None] = dict.fromkeys(TAKEN)
    for name in names:
        free, number = name, 1
        while free in found:
            number += 1
            free = f"{name}_{number}"
        found[free] = None
    return tuple(found)[len(TAKEN) :]
