"""Brings strokes to the look of the pictures that were learned from.

How large a thing is in its picture, how much ink it has, and which of both is light, is measured on
the sample pictures. So a thin small 7 in a corner becomes a 7 as the others are.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Strokes = Sequence[Sequence[Sequence[float]]]
SCALE = 8  # drawn so many times as large as the model's pictures, then made small
INK = 0.25  # of the strongest: what counts as drawn on
LARGEST = 1 / 25  # times larger than it was drawn, of a picture with a height of 1
WIDTHS = np.linspace(0.04, 0.3, 14)  # of a stroke, in shares of the picture's height


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
    pictures = [np.asarray(Image.open(path).convert("L"), dtype=float) / 255 for path in samples]
    if not pictures:
        return Look()
    light = float(np.mean([np.median(_edge(one)) for one in pictures])) < 0.5
    inks = [one if light else 1 - one for one in pictures]
    heights = [_extent(one.max(axis=1)) for one in inks]
    widths = sorted(_extent(one.max(axis=0)) for one in inks)
    narrower = widths[: len(widths) // 2 + 1]  # little stands at the sides, and counts for much
    middles = [(_middle(one) + 0.5) / one.shape[1] for one in inks]
    inked = [float(one.mean()) for one in inks]
    height, width, middle, ink = (
        float(np.mean(shares)) for shares in (heights, narrower, middles, inked)
    )
    return Look(height, width, middle, ink, light)


def _edge(picture: np.ndarray) -> np.ndarray:
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _extent(ink: np.ndarray) -> float:
    """The share of a row or column from the first to the last ink."""
    drawn = np.flatnonzero(ink > INK * max(float(ink.max()), 1e-9))
    return (drawn[-1] - drawn[0] + 1) / len(ink) if len(drawn) else 1.0


def _middle(ink: np.ndarray) -> float:
    """The column of the centre of mass."""
    columns = ink.sum(axis=0)
    return float((columns * np.arange(len(columns))).sum() / max(float(columns.sum()), 1e-9))


def render(strokes: Strokes, size: tuple[int, int], look: Look) -> bytes:
    """A PNG of the size (width, height) of the model's pictures."""
    drawn = [_draw(strokes, size, look, float(width)) for width in WIDTHS]
    ink = min(drawn, key=lambda one: abs(float(one.mean()) - look.ink))
    pixels = ink if look.light_on_dark else 1 - ink
    buffer = io.BytesIO()
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def _draw(strokes: Strokes, size: tuple[int, int], look: Look, width: float) -> np.ndarray:
    """The ink with strokes of a width: as high as things are, centred by mass from side to side."""
    across, down = size[0] * SCALE, size[1] * SCALE
    pen = max(1.0, width * down)
    points = [np.array(stroke, dtype=float)[:, :2] for stroke in strokes if len(stroke)]
    everything = np.concatenate(points)
    low, high = everything.min(axis=0), everything.max(axis=0)
    room = np.maximum(np.array([look.width * across, look.height * down]) - pen, 1.0)
    fit = room / np.maximum(high - low, 1e-6)
    upright = min(float(fit[1]), LARGEST * down)  # a dot stays a dot
    scale = np.array([min(float(fit[0]), upright), upright])
    middle = np.array([across / 2, down / 2])
    canvas = Image.new("L", (across, down))
    brush = ImageDraw.Draw(canvas)
    for stroke in points:
        path = (stroke - (low + high) / 2) * scale + middle
        _draw_stroke(brush, path, pen)
    ink = np.asarray(canvas, dtype=float) / 255
    return _shrink(_move(ink, look.middle), size)


def _draw_stroke(brush: ImageDraw.ImageDraw, path: np.ndarray, pen: float) -> None:
    places = [(float(x), float(y)) for x, y in path]
    if len(places) > 1:
        brush.line(places, fill=255, width=round(pen), joint="curve")
    for x, y in (places[0], places[-1]):  # round ends
        brush.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)


def _move(ink: np.ndarray, middle: float) -> np.ndarray:
    """Its centre of mass to the middle of things, as far as nothing is cut off."""
    filled = np.flatnonzero(ink.sum(axis=0))
    last = ink.shape[1] - 1
    if not len(filled):
        return ink
    shift = round(middle * ink.shape[1] - 0.5 - _middle(ink))
    return np.roll(ink, int(np.clip(shift, -filled[0], last - filled[-1])), axis=1)


def _shrink(ink: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The mean of each block of pixels, which blurs as small pictures are blurred."""
    blocks = ink.reshape(size[1], SCALE, size[0], SCALE)
    small: np.ndarray = blocks.mean(axis=(1, 3))
    return small / small.max() if small.max() > 0 else small
