"""Encodes sounds and films in every format that is read; used by the tests and a benchmark."""

import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np

from pipeline.datasets.made_files import encode_gif

SOUNDS = {  # ending: FFmpeg's container and codec
    "wav": ("wav", "pcm_s16le"),
    "flac": ("flac", "flac"),
    "ogg": ("ogg", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("mp4", "aac"),
    "aac": ("adts", "aac"),
}
FILMS = {
    "mp4": ("mp4", "libx264"),
    "webm": ("webm", "libvpx-vp9"),
    "mkv": ("matroska", "libx264"),
    "mov": ("mov", "mpeg4"),
    "avi": ("avi", "mpeg4"),
}
FILM_FORMATS = (*FILMS, "gif")
OPUS_RATE = 48_000
QUICK = {
    "libx264": {"preset": "ultrafast"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
}


def encode_sound(
    samples: Any, rate: int, ending: str = "wav", codec: str = "", container: str = ""
) -> bytes:
    """Samples of (count,) or (channels, count), -1 to 1."""
    wanted, usual = SOUNDS[ending]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container or wanted) as file:
        stream = _add_sound(file, codec or usual, np.atleast_2d(samples), rate)
        _mux(file, stream, _sound_frames(stream, samples, rate))
    return buffer.getvalue()


def encode_film(
    frames: Sequence[Any],
    rate: int = 10,
    ending: str = "mp4",
    codec: str = "",
    samples: Any = None,
    samples_rate: int = 48_000,
) -> bytes:
    """Frames of (height, width, 3), red, green and blue; a soundtrack where there are samples."""
    if ending == "gif":
        return encode_gif(np.stack(frames), rate)
    container, usual = FILMS[ending]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = _add_film(file, codec or usual, frames[0], rate)
        if samples is not None:  # all streams are there before the first packet
            kind = "libopus" if ending == "webm" else "aac"
            sound = _add_sound(file, kind, np.atleast_2d(samples), samples_rate)
            _mux(file, sound, _sound_frames(sound, samples, samples_rate))
        _mux(file, stream, _film_frames(frames))
    return buffer.getvalue()


def _add_sound(file: Any, codec: str, samples: Any, rate: int) -> Any:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(samples)]
    options = {"strict": "experimental"} if codec == "vorbis" else {}
    at = OPUS_RATE if "opus" in codec else rate
    stream = file.add_stream(codec, rate=at, layout=layout, options=options)
    if codec in ("libopus", "libmp3lame", "aac"):
        stream.bit_rate = 128_000
    return stream


def _sound_frames(stream: Any, samples: Any, rate: int) -> Iterator[Any]:
    planar = np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout=stream.layout.name)
    frame.sample_rate, frame.pts = rate, 0
    yield frame


def _add_film(file: Any, codec: str, first: Any, rate: int) -> Any:
    stream = file.add_stream(codec, rate=rate, options=QUICK.get(codec, {}))
    stream.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
    stream.height, stream.width = first.shape[:2]
    stream.codec_context.thread_count = 1
    stream.codec_context.time_base = Fraction(1, rate)
    stream.bit_rate = 1_000_000
    return stream


def _film_frames(frames: Iterable[Any]) -> Iterator[Any]:
    for number, pixels in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame.pts = number
        yield frame


def _mux(file: Any, stream: Any, frames: Iterable[Any]) -> None:
    for frame in (*frames, None):
        for packet in stream.encode(frame):
            file.mux(packet)
