"""Measures how drawings look in the training pictures: their size, position, and amount of ink.

It is measured on the sample pictures, so that a thin small 7 in a corner can be made to look like
the others.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, pstdev

from PIL import Image, ImageChops, ImageStat

Box = tuple[int, int, int, int]
INK = 0.25  # share of the strongest ink from which on a pixel counts as drawn
ALIKE = 0.1  # how far heights may differ to count as equal


@dataclass(frozen=True)
class Look:
    """Height, width, centre and ink of what is drawn, as shares of the picture."""

    height: float = 0.8
    width: float = 0.8
    middle: float = 0.5
    ink: float = 0.2
    light_on_dark: bool = True
    one_height: bool = False  # all drawings have the same height, on a plain ground


def measure_look(samples: Sequence[Path]) -> Look:
    """The look of the readable pictures; that of usual handwriting if there are none."""
    pictures = [Image.open(path).convert("L") for path in samples]
    if not pictures:
        return Look()
    light = fmean(median(edge_of(one)) for one in pictures) < 255 / 2
    inks = pictures if light else [ImageChops.invert(one) for one in pictures]
    boxes = [find_box(one) for one in inks]
    widths = sorted((right - left) / one.width for (left, _, right, _), one in _pairs(boxes, inks))
    heights = [(bottom - top) / one.height for (_, top, _, bottom), one in _pairs(boxes, inks)]
    narrower = widths[: len(widths) // 2 + 1]  # little stands at the sides: counts for much
    middle = fmean((middle_of(one) + 0.5) / one.width for one in inks)
    alike = pstdev(heights) <= ALIKE and fmean(median(edge_of(one)) for one in inks) < 255 * INK
    share = fmean(map(share_of, inks))
    return Look(fmean(heights), fmean(narrower), middle, share, light, alike)


def _pairs(boxes: Sequence[Box], inks: Sequence[Image.Image]) -> list[tuple[Box, Image.Image]]:
    return list(zip(boxes, inks, strict=True))


def edge_of(picture: Image.Image) -> bytes:
    pixels, width = picture.tobytes(), picture.width
    return pixels[:width] + pixels[-width:] + pixels[::width] + pixels[width - 1 :: width]


def find_box(ink: Image.Image) -> Box:
    """The box around all ink: left, top, right, bottom; the last two are exclusive."""
    least = INK * strongest_of(ink)
    box = ink.point([255 * (value > least) for value in range(256)]).getbbox()
    return box or (0, 0, *ink.size)


def strongest_of(ink: Image.Image) -> float:
    """At least 1, for it is divided by."""
    return ImageStat.Stat(ink).extrema[0][1] or 1


def middle_of(ink: Image.Image) -> float:
    """The column of the centre of mass."""
    pixels = ink.tobytes()
    columns = [sum(pixels[place :: ink.width]) for place in range(ink.width)]
    return sum(place * mass for place, mass in enumerate(columns)) / max(sum(columns), 1e-9)


def share_of(ink: Image.Image) -> float:
    return ImageStat.Stat(ink).mean[0] / 255


def move_to_middle(ink: Image.Image, middle: float) -> Image.Image:
    """Shift the centre of mass to the usual centre, as far as nothing is cut off."""
    box = ink.getbbox()
    if box is None:
        return ink
    shift = round(middle * ink.width - 0.5 - middle_of(ink))
    return ImageChops.offset(ink, max(-box[0], min(shift, ink.width - box[2])), 0)


def shrink(ink: Image.Image, scale: int) -> Image.Image:
    """Shrink by the mean of each block of pixels, which blurs as in small pictures."""
    small = ink.reduce(scale)
    most = strongest_of(small)
    return small.point([min(255, round(255 * value / most)) for value in range(256)])


def choose_by_ink(drawn: Sequence[Image.Image], look: Look) -> bytes:
    """The candidate with the usual amount of ink, as a PNG in the colours of the training."""
    ink = min(drawn, key=lambda one: abs(share_of(one) - look.ink))
    buffer = io.BytesIO()
    (ink if look.light_on_dark else ImageChops.invert(ink)).save(buffer, "PNG")
    return buffer.getvalue()
