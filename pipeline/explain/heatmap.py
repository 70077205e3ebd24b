"""A picture of numbers: one for each pixel, from black over red to light yellow."""

import io

import numpy as np
from PIL import Image

from pipeline.arrays import Numbers

STOPS = ((0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))
LEAST_SIDE = 256


def heatmap_png(numbers: Numbers) -> bytes:
    """A PNG of a table of numbers; the largest is the lightest, nothing and less is black."""
    shares = np.maximum(numbers, 0.0)
    if shares.max() > 0:
        shares = shares / shares.max()
    ends = np.linspace(0.0, 1.0, len(STOPS))
    colours = [np.interp(shares, ends, [stop[c] for stop in STOPS]) for c in range(3)]
    image = Image.fromarray(np.rint(np.stack(colours, axis=-1)).astype(np.uint8))
    scale = -(-LEAST_SIDE // min(image.size)) if min(image.size) < LEAST_SIDE else 1
    buffer = io.BytesIO()
    size = (image.width * scale, image.height * scale)
    image.resize(size, Image.Resampling.NEAREST).save(buffer, format="PNG")
    return buffer.getvalue()
