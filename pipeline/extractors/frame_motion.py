"""What moves in a film and where to; used by `film_features.py`.

Frames are grey, from 0 to 1, in an array of (frames, height, width).
"""

import numpy as np

from pipeline.arrays import Floats

FLOW_NAMES = (
    "flow_left",
    "flow_right",
    "flow_up",
    "flow_down",
    "flow_counterclockwise",
    "flow_clockwise",
    "flow_shrinking",
    "flow_growing",
)
PATH_NAMES = (
    "path_right",
    "path_down",
    "path_clockwise",
    "path_length",
    "path_turns_across",
    "path_turns_upright",
    "shape_size_mean",
    "shape_size_growth",
)
BLOCKS = 8  # a side: the frame is parted into so many for its flow
NOISE = 0.02  # of full brightness: less is no change


def measure_flow(grey: Floats, seconds: float) -> Floats:
    """How fast things move to each side, around and out of the middle of what moves.

    Optical flow by Lucas and Kanade: in each block the shift that explains the change best.
    In widths of the frame per second, each direction apart from its opposite.
    """
    if len(grey) < 2:
        return np.zeros(len(FLOW_NAMES))
    across, down, weights = _block_flow(grey)
    places = (np.arange(BLOCKS) + 0.5) / BLOCKS - 0.5
    total = weights.sum(axis=(1, 2)) + 1e-9
    x, y = np.broadcast_arrays(places[None, None, :], places[None, :, None])
    x = x - ((weights * x).sum(axis=(1, 2)) / total)[:, None, None]
    y = y - ((weights * y).sum(axis=(1, 2)) / total)[:, None, None]
    radius = np.sqrt(x**2 + y**2) + 0.05
    kinds = (across, down, (x * down - y * across) / radius, (x * across + y * down) / radius)
    means = np.stack([(weights * kind).sum(axis=(1, 2)) / total for kind in kinds])
    speeds = means * (len(grey) / max(seconds, 1e-3))
    sides = np.stack([np.maximum(-speeds, 0.0), np.maximum(speeds, 0.0)], axis=1)
    return np.asarray(sides.mean(axis=2).ravel())


def _block_flow(grey: Floats) -> tuple[Floats, Floats, Floats]:
    """For each pair of frames and block the shift in widths of a frame, and its weight."""
    middle = (grey[1:] + grey[:-1]) / 2.0
    change = grey[1:] - grey[:-1]
    change = change - np.median(change, axis=(1, 2), keepdims=True)  # all got lighter or darker
    change[np.abs(change) < NOISE] = 0.0
    down, across = (np.asarray(slope) for slope in np.gradient(middle, axis=(1, 2)))
    xx, yy, xy = _blocks(across**2), _blocks(down**2), _blocks(across * down)
    xt, yt, tt = _blocks(across * change), _blocks(down * change), _blocks(change**2)
    ridge = 1e-4 + 0.05 * (xx + yy)
    xx, yy = xx + ridge, yy + ridge
    determinant = xx * yy - xy**2
    u = (xy * yt - yy * xt) / determinant
    v = (xy * xt - xx * yt) / determinant
    return u / grey.shape[2], v / grey.shape[1], tt


def _blocks(values: Floats) -> Floats:
    """Means over blocks; height and width are multiples of BLOCKS."""
    frames, height, width = values.shape
    parts = values.reshape(frames, BLOCKS, height // BLOCKS, BLOCKS, width // BLOCKS)
    return np.asarray(parts.mean(axis=(2, 4)))


def measure_path(grey: Floats) -> Floats:
    """The way of what stands out from the ground, which is the median over time."""
    if len(grey) < 3:
        return np.zeros(len(PATH_NAMES))
    apart = grey - np.median(grey, axis=0)
    apart = np.abs(apart - np.median(apart, axis=(1, 2), keepdims=True))
    apart = np.maximum(apart - NOISE, 0.0) ** 2
    total = apart.sum(axis=(1, 2)) + 1e-6
    x = apart.sum(axis=1) @ np.linspace(-0.5, 0.5, grey.shape[2]) / total
    y = apart.sum(axis=2) @ np.linspace(-0.5, 0.5, grey.shape[1]) / total
    size = apart.mean(axis=(1, 2))
    third = max(1, len(grey) // 3)
    return np.array(
        [
            x[-third:].mean() - x[:third].mean(),
            y[-third:].mean() - y[:third].mean(),
            np.mean(x[:-1] * y[1:] - y[:-1] * x[1:]) * len(x),
            np.hypot(np.diff(x), np.diff(y)).sum(),
            _turns(x),
            _turns(y),
            np.sqrt(size.mean()),
            np.sqrt(size[-third:].mean()) - np.sqrt(size[:third].mean()),
        ]
    )


def _turns(places: Floats) -> float:
    """How often it goes back where it came from, without small steps."""
    steps = np.diff(places)
    steps = steps[np.abs(steps) > 0.01]
    return float((np.sign(steps[1:]) != np.sign(steps[:-1])).sum())
