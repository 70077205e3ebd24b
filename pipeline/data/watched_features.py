"""What drift is looked for in: the features of a table, and of a picture its blocks of pixels.

A picture has thousands of pixels, none of which says much. Blocks of them, the brightness and the
contrast are few, and people can say where they are.
"""

from itertools import pairwise

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature, ImageShape, Schema

BLOCKS = 4  # in each direction, or fewer where there are fewer pixels
BRIGHTNESS, CONTRAST = "brightness", "contrast"


def watched_places(schema: Schema) -> list[int]:
    """The features of a table without its dates, which move on by themselves."""
    return [place for place, feature in enumerate(schema.features) if feature.type != "date"]


def watched_features(schema: Schema) -> tuple[Feature, ...]:
    if schema.image is None:
        return tuple(schema.features[place] for place in watched_places(schema))
    top = schema.image.maximum
    blocks = [
        Feature(f"block_{row + 1}_{column + 1}", "number", 0.0, top)
        for row in range(len(_edges(schema.image.height)) - 1)
        for column in range(len(_edges(schema.image.width)) - 1)
    ]
    return (*blocks, Feature(BRIGHTNESS, "number", 0.0, top), Feature(CONTRAST, "number", 0.0, top))


def watched_values(schema: Schema, rows: Numbers) -> Numbers:
    """A column a watched feature, of rows of numbers as `observation.py` decodes them."""
    if schema.image is None:
        return rows[:, watched_places(schema)]
    pixels = rows.reshape(len(rows), schema.image.height, schema.image.width, -1).mean(axis=3)
    blocks = np.stack(
        [part.mean(axis=(1, 2)) for part in _parts(schema.image, pixels)],
        axis=1,
    )
    brightness, contrast = pixels.mean(axis=(1, 2)), pixels.std(axis=(1, 2))
    return np.column_stack([blocks, brightness, contrast])


def _parts(shape: ImageShape, pixels: np.ndarray) -> list[np.ndarray]:
    down, across = _edges(shape.height), _edges(shape.width)
    return [
        pixels[:, top:bottom, left:right]
        for top, bottom in pairwise(down)
        for left, right in pairwise(across)
    ]


def _edges(pixels: int) -> list[int]:
    return [int(edge) for edge in np.linspace(0, pixels, min(BLOCKS, pixels) + 1)]
