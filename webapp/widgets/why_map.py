"""Shows which parts of a picture spoke for a prediction, and which against it."""

import io
import re
from collections.abc import Sequence

from PIL import Image

from webapp.client.records import Contribution

BLOCK = re.compile(r"pixels?_(\d+)_(\d+)(?:_to_(\d+)_(\d+))?")  # rows and columns, as serving says
SIDE = 260
FOR, AGAINST = (15, 157, 138), (234, 120, 10)
STRONGEST = 0.85  # largest opacity of a colour over the picture


def is_picture(contributions: Sequence[Contribution]) -> bool:
    return all(BLOCK.fullmatch(one.feature) for one in contributions)


def draw_map(contributions: Sequence[Contribution], picture: bytes) -> Image.Image:
    """The picture as the model got it, each block of pixels coloured by its contribution."""
    seen = Image.open(io.BytesIO(picture)).convert("L").convert("RGB")
    colours, strengths = Image.new("RGB", seen.size), Image.new("L", seen.size)
    most = max((abs(one.contribution) for one in contributions), default=0.0) or 1.0
    for one in contributions:
        place = _place(one)
        colours.paste(FOR if one.contribution >= 0 else AGAINST, place)
        strengths.paste(round(255 * STRONGEST * abs(one.contribution) / most), place)
    mixed = Image.composite(colours, seen, strengths)
    scale = max(1, SIDE // max(seen.size))
    size = (seen.width * scale, seen.height * scale)
    return mixed.resize(size, Image.Resampling.NEAREST)


def _place(one: Contribution) -> tuple[int, int, int, int]:
    """Left, top, right, bottom; the last two are exclusive."""
    found = BLOCK.fullmatch(one.feature)
    top, left, bottom, right = found.groups() if found else ("0",) * 4
    return int(left), int(top), int(right or left) + 1, int(bottom or top) + 1
