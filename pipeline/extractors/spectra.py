"""Short frames of a sound and what each frame sounds like; used by `sound_features.py`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pipeline.arrays import Floats, Numbers, multiply

RATE = 16_000  # samples per second of every sound that is described
WINDOW, HOP = 1024, 320  # samples: a frame of 64 ms every 20 ms
PADDED = 2 * WINDOW  # so that the autocorrelation does not wrap around
BLOCK = 1024  # frames that are worked on at a time, so that minutes take no more memory
BANDS, LOWEST_HZ, HIGHEST_HZ = 20, 60.0, 7600.0
COEFFICIENTS = 13
LOWEST_PITCH, HIGHEST_PITCH = 60.0, 1200.0
LAGS = np.arange(int(RATE / HIGHEST_PITCH), int(RATE / LOWEST_PITCH) + 2)
TINY = 1e-12


@dataclass(frozen=True)
class Frames:
    """What is measured in each frame: rows are frames."""

    power: Numbers  # mean square
    bands: Numbers  # power in each mel band
    centroid: Numbers  # Hz
    rolloff: Numbers  # Hz below which 85 % of the power lie
    crossings: Numbers  # share of neighbouring samples of different sign
    pitch: Numbers  # Hz
    clarity: Numbers  # 1 for a periodic frame, near 0 for noise
    odd: Numbers  # share of the power in odd harmonics of the pitch


def measure_frames(samples: Floats) -> Frames:
    blocks = [_measure(block) for block in _cut(samples)]
    return Frames(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def mel(hertz: Floats) -> Floats:
    return np.asarray(2595.0 * np.log10(1.0 + hertz / 700.0))


def band_edges() -> Floats:
    """Frequencies of which three in a row are the start, the centre and the end of a band."""
    low, high = mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
    steps = np.linspace(low, high, BANDS + 2)
    return np.asarray(700.0 * (10.0 ** (steps / 2595.0) - 1.0))


@cache
def cosines() -> Floats:
    """The orthonormal cosine transform from bands in decibels to coefficients, without the 0th."""
    orders = np.arange(1, COEFFICIENTS + 1)[None, :]
    places = np.arange(BANDS)[:, None] + 0.5
    return np.asarray(np.cos(np.pi * orders * places / BANDS) * np.sqrt(2.0 / BANDS))


@cache
def _filters() -> Floats:
    """Triangles over the bins of the spectrum, a column for each band."""
    bins = np.fft.rfftfreq(PADDED, 1.0 / RATE)[:, None]
    edges = band_edges()
    low, centre, high = edges[None, :-2], edges[None, 1:-1], edges[None, 2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, None), dtype=np.float32)


@cache
def _window() -> Floats:
    return np.asarray(np.hanning(WINDOW), dtype=np.float32)


@cache
def _window_decay() -> Floats:
    """How much of a periodic frame's autocorrelation the window leaves at each lag."""
    spectrum = np.abs(np.fft.rfft(np.hanning(WINDOW), PADDED)) ** 2
    correlation = np.fft.irfft(spectrum)
    return np.asarray(correlation[LAGS] / correlation[0], dtype=np.float32)


def _cut(samples: Floats) -> Iterator[Floats]:
    """Overlapping frames, a block at a time; the end is filled with silence to a whole frame."""
    missing = max(WINDOW - len(samples), -(len(samples) - WINDOW) % HOP)
    filled = np.pad(samples.astype(np.float32), (0, missing))
    frames = sliding_window_view(filled, WINDOW)[::HOP]
    for start in range(0, len(frames), BLOCK):
        yield frames[start : start + BLOCK]


def _measure(frames: Floats) -> tuple[Numbers, ...]:
    power = np.mean(frames**2, axis=1)
    spectrum = np.fft.rfft(frames * _window(), PADDED, axis=1)
    powers = spectrum.real**2 + spectrum.imag**2
    scaled = powers / (WINDOW * np.sum(_window() ** 2))
    centroid, rolloff = _centre(powers)
    signs = np.signbit(frames)
    crossings = np.mean(signs[:, 1:] != signs[:, :-1], axis=1)
    periods = _find_pitch(powers)
    measured = (power, multiply(scaled, _filters()), centroid, rolloff, crossings, *periods)
    return tuple(np.asarray(values, dtype=np.float64) for values in measured)


def _centre(powers: Floats) -> tuple[Floats, Floats]:
    bins = np.fft.rfftfreq(PADDED, 1.0 / RATE).astype(np.float32)
    total = powers.sum(axis=1)
    centroid = multiply(powers, bins) / (total + TINY)
    reached = np.cumsum(powers, axis=1) >= 0.85 * total[:, None]
    return centroid, np.where(total > 0, bins[np.argmax(reached, axis=1)], 0.0)


def _find_pitch(powers: Floats) -> tuple[Floats, Floats, Floats]:
    """Pitch, clarity and odd harmonics by the first strong peak of the autocorrelation.

    Later peaks are multiples of the period. Half a period on, odd harmonics are upside down.
    """
    correlation = np.fft.irfft(powers, axis=1)
    level = correlation[:, 0] + TINY
    curve = correlation[:, LAGS] / level[:, None] / _window_decay()
    inner = curve[:, 1:-1]
    peaks = (inner >= curve[:, :-2]) & (inner > curve[:, 2:])
    best = np.max(np.where(peaks, inner, 0.0), axis=1)
    first = np.argmax(peaks & (inner >= 0.9 * best[:, None]), axis=1)
    rows = np.arange(len(curve))
    left, middle, right = (curve[rows, first + step] for step in range(3))
    bend = left - 2.0 * middle + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend, bend, 1.0), 0.0)
    lag = LAGS[first + 1] + np.clip(shift, -0.5, 0.5)
    half = np.floor(lag / 2.0).astype(int)
    before, after = correlation[rows, half], correlation[rows, half + 1]
    opposite = (before + (after - before) * (lag / 2.0 - half)) / level
    return RATE / lag, np.clip(best, 0.0, 1.0), np.clip((1.0 - opposite) / 2.0, 0.0, 1.0)
