"""What moves in a film and where to; used by `film_features.py`.

Frames hold colours from 0 to 1 in an array of (frames, height, width, 3).
"""

import numpy as np

from pipeline.arrays import Floats, multiply

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


def measure_flow(frames: Floats, seconds: float) -> Floats:
    """How fast things move to each side, around and out of the middle of what moves.

    Optical flow by Lucas and Kanade: in each block the shift that explains the change best.
    In widths of the frame per second, each direction apart from its opposite.
    """
    if len(frames) < 2:
        return np.zeros(len(FLOW_NAMES))
    across, down, weights = _block_flow(frames)
    places = (np.arange(BLOCKS) + 0.5) / BLOCKS - 0.5
    total = weights.sum(axis=(1, 2)) + 1e-9
    x, y = np.broadcast_arrays(places[None, None, :], places[None, :, None])
    x = x - ((weights * x).sum(axis=(1, 2)) / total)[:, None, None]
    y = y - ((weights * y).sum(axis=(1, 2)) / total)[:, None, None]
    radius = np.sqrt(x**2 + y**2) + 0.05
    kinds = (across, down, (x * down - y * across) / radius, (x * across + y * down) / radius)
    means = np.stack([(weights * kind).sum(axis=(1, 2)) / total for kind in kinds])
    speeds = means * (len(frames) / max(seconds, 1e-3))
    sides = np.stack([np.maximum(-speeds, 0.0), np.maximum(speeds, 0.0)], axis=1)
    return np.asarray(sides.mean(axis=2).ravel())


def _block_flow(frames: Floats) -> tuple[Floats, Floats, Floats]:
    """For each pair of frames and block the shift in widths of a frame, and its weight."""
    middle = (frames[1:] + frames[:-1]) / 2.0
    change = _without_ground(frames[1:] - frames[:-1])
    change[np.abs(change) < NOISE] = 0.0
    down, across = (np.asarray(slope) for slope in np.gradient(middle, axis=(1, 2)))
    xx, yy, xy = _blocks(across**2), _blocks(down**2), _blocks(across * down)
    xt, yt, tt = _blocks(across * change), _blocks(down * change), _blocks(change**2)
    ridge = 1e-4 + 0.05 * (xx + yy)
    xx, yy = xx + ridge, yy + ridge
    determinant = xx * yy - xy**2
    u = (xy * yt - yy * xt) / determinant
    v = (xy * xt - xx * yt) / determinant
    return u / frames.shape[2], v / frames.shape[1], tt


def _without_ground(change: Floats) -> Floats:
    """Takes away what changes everywhere alike: the whole got lighter, darker or redder."""
    return np.asarray(change - np.median(change[:, ::2, ::2], axis=(1, 2), keepdims=True))


def _blocks(values: Floats) -> Floats:
    """Means over blocks and colours; height and width are multiples of BLOCKS."""
    frames, height, width, colours = values.shape
    parts = values.reshape(frames, BLOCKS, height // BLOCKS, BLOCKS, -1)
    sums = parts.sum(axis=2).reshape(frames, BLOCKS, BLOCKS, -1).sum(axis=3)
    return np.asarray(sums * (BLOCKS**2 / (height * width * colours)))


def measure_path(frames: Floats) -> Floats:
    """The way of what stands out from the ground, which is the median over time."""
    if len(frames) < 3:
        return np.zeros(len(PATH_NAMES))
    apart = _without_ground(frames - np.median(frames, axis=0))
    apart = np.abs(apart).sum(axis=3)
    level = np.median(apart[:, ::2, ::2], axis=(1, 2), keepdims=True)
    apart = np.maximum(apart - 2.0 * level - NOISE, 0.0) ** 2
    total = apart.sum(axis=(1, 2)) + 1e-6
    x = multiply(apart.sum(axis=1), np.linspace(-0.5, 0.5, frames.shape[2])) / total
    y = multiply(apart.sum(axis=2), np.linspace(-0.5, 0.5, frames.shape[1])) / total
    size = apart.mean(axis=(1, 2))
    x, y = x - x.mean(), y - y.mean()
    third = max(1, len(frames) // 3)
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
