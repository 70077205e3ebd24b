"""Draws strokes so that they look like the pictures of the training."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from webapp.drawings.look import Look, choose_by_ink, move_to_middle, shrink

Strokes = Sequence[Sequence[Sequence[float]]]
Point = tuple[float, float]
SCALE = 8  # drawn at this multiple of the model's size, then shrunk
LARGEST = 1 / 25  # largest magnification, for a picture of height 1
WIDTHS = [0.04 + 0.02 * step for step in range(14)]  # of strokes, in shares of the height


def render(strokes: Strokes, size: tuple[int, int], look: Look) -> bytes:
    """A PNG of the model's size (width, height)."""
    drawn = [_draw(strokes, size, look, width) for width in WIDTHS]
    return choose_by_ink(drawn, look)


def _draw(strokes: Strokes, size: tuple[int, int], look: Look, width: float) -> Image.Image:
    """The ink of strokes of this width, of the usual height and centred by mass horizontally."""
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
    return shrink(move_to_middle(canvas, look.middle), SCALE)


def _fit(places: Sequence[float], room: float) -> float:
    """How far the strokes can be magnified to fit."""
    return max(room, 1.0) / max(max(places) - min(places), 1e-6)


def _draw_stroke(brush: ImageDraw.ImageDraw, path: list[Point], pen: float) -> None:
    if len(path) > 1:
        brush.line(path, fill=255, width=round(pen), joint="curve")
    for x, y in (path[0], path[-1]):  # round ends
        brush.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
