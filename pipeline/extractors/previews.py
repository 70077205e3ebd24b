"""Draws what was heard or seen, small enough to be kept beside its prediction."""

import io

import numpy as np
from PIL import Image

from pipeline.arrays import Numbers
from pipeline.data.schema import ImageShape
from pipeline.extractors.media_files import Frames
from pipeline.extractors.pictures import encode_png
from pipeline.extractors.spectra import RATE

SIZE = (320, 120)  # of the picture of a sound
WINDOW = 1024
LOUD, QUIET = -10.0, -90.0  # decibels that are drawn lightest and darkest
SHOWN = 6  # frames of a film
SMALL = 128  # pixels a side of a picture
COLOURS = 64
DARK, MIDDLE, LIGHT = (16, 20, 48), (20, 150, 140), (250, 240, 150)


def draw_sound(samples: Numbers) -> bytes:
    """Its spectrogram: time to the right, pitch upwards in steps that the ear takes for even."""
    padded = np.pad(samples, (0, max(0, WINDOW - len(samples))))
    starts = np.linspace(0, len(padded) - WINDOW, SIZE[0]).astype(int)
    parts = np.stack([padded[start : start + WINDOW] for start in starts]) * np.hanning(WINDOW)
    frequencies = np.geomspace(80, RATE / 2, SIZE[1])
    places = np.minimum((frequencies / RATE * WINDOW).round().astype(int), WINDOW // 2)
    power = np.abs(np.fft.rfft(parts, axis=1)[:, places]) ** 2 / WINDOW
    decibels = 10 * np.log10(power.T[::-1] + 1e-12)
    shares = ((decibels - QUIET) / (LOUD - QUIET)).clip(0, 1)
    picture = Image.fromarray((shares * (COLOURS - 1)).astype(np.uint8)).convert("P")
    picture.putpalette(PALETTE)
    return _to_png(picture)


def _make_palette() -> list[int]:
    """From dark over the middle to light."""
    places, steps = np.linspace(0, 1, COLOURS), (0, 0.5, 1)
    channels = zip(DARK, MIDDLE, LIGHT, strict=True)
    return [
        int(one) for one in np.stack([np.interp(places, steps, c) for c in channels], 1).ravel()
    ]


PALETTE = _make_palette()


def draw_film(frames: Frames) -> bytes:
    """Some of its frames side by side."""
    places = np.linspace(0, len(frames) - 1, min(SHOWN, len(frames))).round().astype(int)
    return _quantized(Image.fromarray(np.concatenate(list(frames[places]), axis=1)))


def draw_picture(shape: ImageShape, row: Numbers) -> bytes:
    """What a network is shown, small."""
    with Image.open(io.BytesIO(encode_png(shape, row))) as picture:
        picture.thumbnail((SMALL, SMALL))
        return _quantized(picture.convert("RGB"))


def _quantized(picture: Image.Image) -> bytes:
    few = picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return _to_png(few)


def _to_png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
