"""A sound as named numbers, for the dataset, serving and the simulator alike.

Statistics are taken over the frames that are heard, so silence around a sound changes `seconds`
and `heard_share` alone. Bands are relative to the sound's own power: loudness is told apart.
"""

import numpy as np

from pipeline.arrays import Flags, Floats, Numbers, multiply
from pipeline.extractors.spectra import (
    COEFFICIENTS,
    HOP,
    RATE,
    Frames,
    band_edges,
    cosines,
    measure_frames,
)

LOUDEST = 8.0  # samples beyond this are clipped: a full scale is 1
QUIETEST_DB = -100.0  # of a full scale; what is below is silence
HEARD_DB = 40.0  # a frame is heard if it is at most so far below the loudest
RANGE_DB = 45.0  # the floor of bands, below the sound's mean power: beneath, codecs do as they like
CLEAR = 0.5  # of a frame's autocorrelation, from which on it has a pitch
ONSET_DB = 3.0  # by which the bands rise on average where something sets in
FRAMES_PER_S = RATE / HOP

BAND_NAMES = tuple(f"band_{round(hertz, -1):.0f}_hz" for hertz in band_edges()[1:-1])
MFCC_NAMES = tuple(f"mfcc_{order}" for order in range(1, COEFFICIENTS + 1))
CURVES = (
    "loudness_db",
    "centroid_hz",
    "rolloff_hz",
    "flatness_db",
    "zero_crossings",
    "clarity",
    "odd_harmonics",
)
SINGLE = (
    "loudness_max_db",
    "loudness_wobble_db",
    "loudness_db_per_s",
    "centroid_octaves_per_s",
    "pitch_hz",
    "pitch_spread_octaves",
    "pitch_octaves_per_s",
    "pitched_share",
    "change_mean_db",
    "change_std_db",
    "onsets_per_s",
    "attack_s",
    "heard_share",
    "seconds",
)
SOUND_FEATURES: tuple[str, ...] = (
    *(f"{name}_mean" for name in BAND_NAMES),
    *(f"{name}_std" for name in BAND_NAMES),
    *(f"{name}_mean" for name in MFCC_NAMES),
    *(f"{name}_std" for name in MFCC_NAMES),
    *(f"{name}_mean" for name in CURVES),
    *(f"{name}_std" for name in CURVES),
    *SINGLE,
)


def describe_sound(samples: Floats) -> Numbers:
    """Describe mono samples at RATE per second by SOUND_FEATURES; silence is fine, and any length.

    >>> dict(zip(SOUND_FEATURES, describe_sound(np.zeros(8000)), strict=True))["seconds"]
    0.5
    """
    safe = np.nan_to_num(np.asarray(samples, dtype=np.float64), posinf=0.0, neginf=0.0)
    clipped = np.clip(safe, -LOUDEST, LOUDEST)
    frames = measure_frames(clipped - clipped.mean() if len(clipped) else clipped)
    loudness = np.maximum(_decibels(frames.power), QUIETEST_DB)
    heard = loudness >= max(loudness.max() - HEARD_DB, QUIETEST_DB)
    bands = _relative_bands(frames, heard)
    curves = _curves(frames, loudness, bands)
    single = [
        *_loudness_over_time(loudness, heard),
        _slope(np.log2(np.maximum(frames.centroid, 20.0)), heard),
        *_pitch(frames, heard),
        *_changes(bands, loudness, heard),
        _attack(loudness, heard),
        float(heard.mean()),
        len(safe) / RATE,
    ]
    over_time = (bands[heard], multiply(bands[heard], cosines()), curves[heard])
    parts = [(part.mean(axis=0), part.std(axis=0)) for part in over_time]
    row = np.concatenate([*(values for pair in parts for values in pair), single])
    return np.asarray(np.nan_to_num(row))


def _decibels(power: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(power + 1e-12))


def _relative_bands(frames: Frames, heard: Flags) -> Floats:
    """Bands in decibels of the sound's mean power; what codecs leave out fades into the floor."""
    level = frames.bands[heard].sum(axis=1).mean()
    if level < 1e-12:
        return np.full(frames.bands.shape, -RANGE_DB)
    return _decibels(frames.bands / level + 10.0 ** (-RANGE_DB / 10.0))


def _curves(frames: Frames, loudness: Floats, bands: Floats) -> Floats:
    """A column for each of CURVES. Flatness is near 0 for a hiss, and negative for a tone."""
    power = 10.0 ** (bands / 10.0)
    flatness = bands.mean(axis=1) - _decibels(power.mean(axis=1))
    return np.column_stack(
        [
            loudness,
            frames.centroid,
            frames.rolloff,
            flatness,
            frames.crossings,
            frames.clarity,
            frames.odd,
        ]
    )


def _loudness_over_time(loudness: Floats, heard: Flags) -> tuple[float, float, float]:
    """The loudest frame, how much it wobbles within a third of a second, decibels per second."""
    places = np.flatnonzero(heard)
    span = loudness[places[0] : places[-1] + 1]
    width = min(15, len(span))
    smooth = np.convolve(np.pad(span, width // 2, mode="edge"), np.ones(width) / width, "same")
    wobble = (span - smooth[width // 2 : width // 2 + len(span)]).std()
    return float(loudness.max()), float(wobble), _slope(loudness, heard)


def _slope(curve: Floats, chosen: Flags) -> float:
    """How much a curve rises in a second, by the line through the chosen frames."""
    places = np.flatnonzero(chosen)
    if len(places) < 5:
        return 0.0
    times = (places - places.mean()) / FRAMES_PER_S
    return float(multiply(times, curve[places]) / multiply(times, times))


def _pitch(frames: Frames, heard: Flags) -> tuple[float, float, float, float]:
    """Median in Hz, the middle half's width and the slope in octaves, and how much has a pitch.

    Without any pitch the first three are 0, and so is the share.
    """
    chosen = heard & (frames.clarity >= CLEAR)
    if not chosen.any():
        return 0.0, 0.0, 0.0, 0.0
    octaves = np.log2(frames.pitch)
    low, median, high = np.percentile(octaves[chosen], (25, 50, 75))
    steady = chosen & (np.abs(octaves - median) < 0.5)  # leaves out what is an octave off
    share = chosen.sum() / heard.sum()
    return float(2.0**median), float(high - low), _slope(octaves, steady), float(share)


def _changes(bands: Floats, loudness: Floats, heard: Flags) -> tuple[float, float, float]:
    """How much bands rise from frame to frame, and how often something sets in.

    They rise too where a sound is cut off, with a click; but then it gets softer.
    """
    silence = np.full((1, bands.shape[1]), -RANGE_DB)  # before the file, so its start counts
    rises = np.maximum(np.diff(bands, axis=0, prepend=silence), 0.0).mean(axis=1)
    before, after = np.append(0.0, rises[:-1]), np.append(rises[1:], 0.0)
    ends = np.diff(loudness, prepend=QUIETEST_DB) < -1.0
    peaks = (rises >= ONSET_DB) & (rises >= before) & (rises > after) & heard & ~ends
    seconds = heard.sum() / FRAMES_PER_S
    return float(rises[heard].mean()), float(rises[heard].std()), float(peaks.sum() / seconds)


def _attack(loudness: Floats, heard: Flags) -> float:
    """Seconds from where it is first heard to where it is nearly as loud as it gets."""
    start = int(np.argmax(heard))
    loud = int(np.argmax(loudness >= loudness.max() - 3.0))
    return (loud - start) / FRAMES_PER_S
