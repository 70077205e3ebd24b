"""The plainest way to numbers of a sound or a film: what media.py is compared with."""

import io
import wave

import numpy as np
from PIL import Image, ImageSequence

WINDOW, HOP = 1024, 512


def describe_wave(content: bytes) -> np.ndarray:
    """Mean and deviation of the spectrum of a WAV of 16 bits, as a first script does it."""
    with wave.open(io.BytesIO(content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    spectrum = np.log(np.abs(np.fft.rfft(windows * np.hanning(WINDOW), axis=1)) + 1e-9)
    return np.concatenate([spectrum.mean(axis=0), spectrum.std(axis=0)])


def describe_gif(content: bytes) -> np.ndarray:
    """The mean colour of each frame of a GIF, and how much pixels change from one to the next."""
    with Image.open(io.BytesIO(content)) as film:
        frames = np.stack(
            [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]
        )
    means = frames.mean(axis=(1, 2))
    moved = np.abs(np.diff(frames.astype(np.float32), axis=0)).mean(axis=(1, 2))
    return np.concatenate([means.mean(axis=0), means.std(axis=0), moved.mean(axis=0)])
