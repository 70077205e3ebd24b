"""Brings strokes to the look of the pictures that were learned from.

How large a thing is in its picture, how much ink it has, and which of both is light, is measured on
the sample pictures. So a thin small 7 in a corner becomes a 7 as the others are.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from PIL import Image, ImageChops, ImageDraw, ImageStat

Strokes = Sequence[Sequence[Sequence[float]]]
Point = tuple[float, float]
SCALE = 8  # drawn so many times as large as the model's pictures, then made small
INK = 0.25  # of the strongest: what counts as drawn on
LARGEST = 1 / 25  # times larger than it was drawn, of a picture with a height of 1
WIDTHS = [0.04 + 0.02 * step for step in range(14)]  # of strokes, in shares of the height


@dataclass(frozen=True)
class Look:
    """Shares of the picture: how high and wide the thing in it is, where its middle, its ink."""

    height: float = 0.8
    width: float = 0.8
    middle: float = 0.5
    ink: float = 0.2
    light_on_dark: bool = True


def measure_look(samples: Sequence[Path]) -> Look:
    """By the pictures that can be read; as handwriting usually is where there are none."""
    pictures = [Image.open(path).convert("L") for path in samples]
    if not pictures:
        return Look()
    light = fmean(median(_edge(one)) for one in pictures) < 255 / 2
    inks = pictures if light else [ImageChops.invert(one) for one in pictures]
    widths, heights = zip(*map(_extents, inks), strict=True)
    narrower = sorted(widths)[: len(widths) // 2 + 1]  # little stands at the sides: counts for much
    middle = fmean((_middle(one) + 0.5) / one.width for one in inks)
    return Look(fmean(heights), fmean(narrower), middle, fmean(map(_share, inks)), light)


def _edge(picture: Image.Image) -> bytes:
    pixels, width = picture.tobytes(), picture.width
    return pixels[:width] + pixels[-width:] + pixels[::width] + pixels[width - 1 :: width]


def _extents(ink: Image.Image) -> Point:
    """The shares of width and height from the first to the last ink."""
    least = INK * _strongest(ink)
    box = ink.point([255 * (value > least) for value in range(256)]).getbbox()
    left, top, right, bottom = box or (0, 0, *ink.size)
    return (right - left) / ink.width, (bottom - top) / ink.height


def _strongest(ink: Image.Image) -> float:
    """At least 1, for it is divided by."""
    return ImageStat.Stat(ink).extrema[0][1] or 1


def _middle(ink: Image.Image) -> float:
    """The column of the centre of mass."""
    pixels = ink.tobytes()
    columns = [sum(pixels[place :: ink.width]) for place in range(ink.width)]
    return sum(place * mass for place, mass in enumerate(columns)) / max(sum(columns), 1e-9)


def _share(ink: Image.Image) -> float:
    return ImageStat.Stat(ink).mean[0] / 255


def render(strokes: Strokes, size: tuple[int, int], look: Look) -> bytes:
    """A PNG of the size (width, height) of the model's pictures."""
    drawn = [_draw(strokes, size, look, width) for width in WIDTHS]
    ink = min(drawn, key=lambda one: abs(_share(one) - look.ink))
    buffer = io.BytesIO()
    (ink if look.light_on_dark else ImageChops.invert(ink)).save(buffer, "PNG")
    return buffer.getvalue()


def _draw(strokes: Strokes, size: tuple[int, int], look: Look, width: float) -> Image.Image:
    """The ink with strokes of a width: as high as things are, centred by mass from side to side."""
    across, down = size[0] * SCALE, size[1] * SCALE
    pen = max(1.0, width * down)
    columns, rows = zip(*(point[:2] for stroke in strokes for point in stroke), strict=True)
    upright = min(_fit(rows, look.height * down - pen), LARGEST * down)  # a dot stays a dot
    aside = min(_fit(columns, look.width * across - pen), upright)
    x_middle, y_middle = (min(columns) + max(columns)) / 2, (min(rows) + max(rows)) / 2
    canvas = Image.new("L", (across, down))
    brush = ImageDraw.Draw(canvas)
    for stroke in filter(len, strokes):
        path = [
            ((x - x_middle) * aside + across / 2, (y - y_middle) * upright + down / 2)
            for x, y in (point[:2] for point in stroke)
        ]
        _draw_stroke(brush, path, pen)
    return _shrink(_move(canvas, look.middle))


def _fit(places: Sequence[float], room: float) -> float:
    """How many times as large they have room."""
    return max(room, 1.0) / max(max(places) - min(places), 1e-6)


def _draw_stroke(brush: ImageDraw.ImageDraw, path: list[Point], pen: float) -> None:
    if len(path) > 1:
        brush.line(path, fill=255, width=round(pen), joint="curve")
    for x, y in (path[0], path[-1]):  # round ends
        brush.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)


def _move(ink: Image.Image, middle: float) -> Image.Image:
    """Its centre of mass to the middle of things, as far as nothing is cut off."""
    box = ink.getbbox()
    if box is None:
        return ink
    shift = round(middle * ink.width - 0.5 - _middle(ink))
    return ImageChops.offset(ink, max(-box[0], min(shift, ink.width - box[2])), 0)


def _shrink(ink: Image.Image) -> Image.Image:
    """The mean of each block of pixels, which blurs as small pictures are blurred."""
    small = ink.reduce(SCALE)
    most = _strongest(small)
    return small.point([min(255, round(255 * value / most)) for value in range(256)])
