"""The features of a dataset in a bounded number of groups, each looked at as one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Indices
from pipeline.data.schema import Feature, ImageShape
from pipeline.embedding.embedding import Embedding

STATISTIC = re.compile(r"_(mean|std|min|max|slope|spread|wobble)(_\w+)?$")  # of one thing over time
MOST_BLOCKS = 100  # a model does well without any one small part of a picture, so all would be 0


@dataclass(frozen=True)
class FeatureGroup:
    """A feature, or a block of pixels, or the many light features of a wide table together."""

    name: str
    places: Indices


def group_features(embedding: Embedding, most: int) -> list[FeatureGroup]:
    """A group for each feature where that makes at most so many; else larger ones."""
    schema = embedding.schema
    if schema.image is not None:
        return _group_pixels(schema.image, min(most, MOST_BLOCKS))
    if schema.extraction is not None and schema.extraction.extractor != "network":
        return _group_statistics(schema.features)
    order = np.argsort(-embedding.weights, kind="stable")
    alone = np.sort(order) if len(order) <= most else np.sort(order[: most - 1])
    others = np.setdiff1d(order, alone)
    groups = [FeatureGroup(schema.features[place].name, np.array([place])) for place in alone]
    if len(others):
        groups.append(FeatureGroup(f"the other {len(others)} features", others))
    return groups


def _group_statistics(features: Sequence[Feature]) -> list[FeatureGroup]:
    """The mean and the spread of one thing that was heard or seen are looked at together."""
    places: dict[str, list[int]] = {}
    for place, feature in enumerate(features):
        places.setdefault(STATISTIC.sub("", feature.name), []).append(place)
    return [FeatureGroup(name, np.array(found)) for name, found in places.items()]


def _group_pixels(shape: ImageShape, most: int) -> list[FeatureGroup]:
    """Square blocks, as small as may be; the colours of a pixel stay together."""
    side = 1
    while -(-shape.height // side) * -(-shape.width // side) > most:
        side *= 2
    channels = 3 if shape.colour else 1
    places = np.arange(shape.height * shape.width * channels)
    grid = places.reshape(shape.height, shape.width, channels)
    return [
        FeatureGroup(_name_block(shape, row, column, side), _cut(grid, row, column, side))
        for row in range(0, shape.height, side)
        for column in range(0, shape.width, side)
    ]


def _cut(grid: Indices, row: int, column: int, side: int) -> Indices:
    block: Indices = grid[row : row + side, column : column + side]
    return block.ravel()


def _name_block(shape: ImageShape, row: int, column: int, side: int) -> str:
    if side == 1:
        return f"pixel_{row}_{column}"
    last = min(row + side, shape.height) - 1, min(column + side, shape.width) - 1
    return f"pixels_{row}_{column}_to_{last[0]}_{last[1]}"
