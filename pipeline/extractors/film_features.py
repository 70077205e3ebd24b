"""A film as named numbers, for the dataset, serving and the simulator alike."""

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Floats, Numbers, multiply
from pipeline.extractors.frame_motion import FLOW_NAMES, PATH_NAMES, measure_flow, measure_path

FRAMES = 24  # at most, sampled evenly over the film's time
SIDE = 64  # pixels: the width and the height that every frame is brought to

ROWS, COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")
PARTS = tuple(f"{row}_{column}" for row in ROWS for column in COLUMNS)
HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
EDGES = ("upright", "rising", "level", "falling")
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)

FILM_FEATURES: tuple[str, ...] = (
    "brightness_mean",
    "brightness_std",
    "contrast",
    *(f"brightness_{part}" for part in PARTS),
    "saturation_mean",
    "saturation_std",
    *(f"hue_{hue}" for hue in HUES),
    *(f"texture_{part}" for part in PARTS),
    *(f"edges_{edge}" for edge in EDGES),
    "motion_mean",
    "motion_std",
    *(f"motion_{part}_mean" for part in (*COLUMNS, *ROWS)),
    *(f"motion_{part}_std" for part in (*COLUMNS, *ROWS)),
    *FLOW_NAMES,
    *PATH_NAMES,
    "flicker",
    "cuts",
    "seconds",
)


def describe_film(frames: NDArray[np.uint8], seconds: float) -> Numbers:
    """Describe frames of (count, height, width, 3), evenly over time, by FILM_FEATURES.

    >>> still = np.full((1, SIDE, SIDE, 3), 255, dtype=np.uint8)
    >>> dict(zip(FILM_FEATURES, describe_film(still, 2.0), strict=True))["brightness_mean"]
    1.0
    """
    colours = np.asarray(frames, dtype=np.float32) / np.float32(255.0)
    grey = multiply(colours, GREY)
    halved = _halve(colours)
    small = multiply(halved, GREY)
    parts = (
        _brightness(grey),
        _colour(halved),
        _texture(small),
        _motion(small, seconds),
        measure_flow(halved, seconds),
        measure_path(halved),
        _cuts(small),
        [seconds],
    )
    row = np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
    return np.asarray(np.nan_to_num(row))


def _halve(images: Floats) -> Floats:
    """Means of two by two pixels, which takes out the noise of cameras and codecs."""
    rows = images[:, 0::2] + images[:, 1::2]
    return np.asarray((rows[:, :, 0::2] + rows[:, :, 1::2]) / 4.0)


def _thirds(images: Floats) -> Floats:
    """The mean of each part of the frame, from the upper left to the lower right."""
    rows = np.array_split(images, len(ROWS), axis=1)
    parts = [part for row in rows for part in np.array_split(row, len(COLUMNS), axis=2)]
    return np.array([part.mean() for part in parts])


def _brightness(grey: Floats) -> Floats:
    over_time = grey.mean(axis=(1, 2))
    first = (over_time.mean(), over_time.std(), grey.std(axis=(1, 2)).mean())
    return np.concatenate([first, _thirds(grey)])


def _colour(colours: Floats) -> Floats:
    """Saturation, and the share of each hue among what is coloured."""
    red, green, blue = np.moveaxis(colours, 3, 0)
    top = np.maximum(np.maximum(red, green), blue)
    spread = top - np.minimum(np.minimum(red, green), blue)
    saturation = spread / np.maximum(top, 1e-3)
    safe = np.maximum(spread, 1e-6)
    hue = np.select(
        [top == red, top == green],
        [(green - blue) / safe % 6.0, (blue - red) / safe + 2.0],
        (red - green) / safe + 4.0,
    )
    bins = np.rint(hue).astype(int) % len(HUES)
    shares = np.bincount(bins.ravel(), weights=spread.ravel(), minlength=len(HUES))
    shares = shares / max(shares.sum(), 1e-6)
    return np.concatenate([(saturation.mean(), saturation.std()), shares])


def _texture(grey: Floats) -> Floats:
    """How strong edges are in each part, and the share of each direction."""
    down, across = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(across, down)
    angle = np.rint(np.arctan2(down, across) / (np.pi / len(EDGES))).astype(int) % len(EDGES)
    shares = np.bincount(angle.ravel(), weights=strength.ravel(), minlength=len(EDGES))
    return np.concatenate([_thirds(strength), shares / max(shares.sum(), 1e-6)])


def _motion(grey: Floats, seconds: float) -> Floats:
    """Change per second: overall, and over time in columns and rows of the frame."""
    if len(grey) < 2:
        return np.zeros(2 + 2 * (len(COLUMNS) + len(ROWS)))
    change = np.abs(np.diff(grey, axis=0)) * (len(grey) / max(seconds, 1e-3))
    overall = change.mean(axis=(1, 2))
    parts = [*np.array_split(change, 3, axis=2), *np.array_split(change, 3, axis=1)]
    over_time = np.stack([part.mean(axis=(1, 2)) for part in parts])
    means, stds = over_time.mean(axis=1), over_time.std(axis=1)
    return np.concatenate([(overall.mean(), overall.std()), means, stds])


def _cuts(grey: Floats) -> tuple[float, float]:
    """How much the whole gets lighter and darker, and the share of frames that are all new."""
    if len(grey) < 2:
        return 0.0, 0.0
    flicker = np.abs(np.diff(grey.mean(axis=(1, 2)))).mean()
    new = np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2)) > 0.15
    return float(flicker), float(new.mean())
