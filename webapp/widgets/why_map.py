"""Where in a picture lies what spoke for a prediction, and what against it."""

import io
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

from webapp.client.records import Contribution

BLOCK = re.compile(r"pixels?_(\d+)_(\d+)(?:_to_(\d+)_(\d+))?")  # rows and columns, as serving says
SIDE = 260
FOR, AGAINST = (15, 157, 138), (234, 120, 10)
STRONGEST = 0.85  # of a colour over the picture


def is_picture(contributions: Sequence[Contribution]) -> bool:
    return all(BLOCK.fullmatch(one.feature) for one in contributions)


def draw_map(contributions: Sequence[Contribution], picture: bytes) -> Image.Image:
    """The picture as the model saw it, each block of pixels coloured by what it added."""
    seen = Image.open(io.BytesIO(picture)).convert("L").convert("RGB")
    shares = np.zeros((seen.height, seen.width))
    for one in contributions:
        shares[_place(one)] = one.contribution
    most = np.abs(shares).max() or 1.0
    strength = (np.abs(shares) / most * STRONGEST)[..., None]
    colours = np.where((shares >= 0)[..., None], np.array(FOR), np.array(AGAINST))
    mixed = np.asarray(seen) * (1 - strength) + colours * strength
    scale = max(1, SIDE // max(seen.size))
    size = (seen.width * scale, seen.height * scale)
    return Image.fromarray(mixed.astype(np.uint8)).resize(size, Image.Resampling.NEAREST)


def _place(one: Contribution) -> tuple[slice, slice]:
    found = BLOCK.fullmatch(one.feature)
    top, left, bottom, right = found.groups() if found else ("0",) * 4
    rows = slice(int(top), int(bottom or top) + 1)
    return rows, slice(int(left), int(right or left) + 1)
