"""From the bytes of a sound or a film to samples or frames, with care for strangers' files.

PyAV decodes. What a file says of itself is not believed: how long it is shows while it is decoded.
Its container is known by its first bytes, so that FFmpeg tries none that would open further files.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Numbers
from pipeline.data.observation import InvalidObservation
from pipeline.extractors.spectra import RATE

AUDIO = "is no sound that can be read (WAV, FLAC, OGG, Opus, MP3 or M4A)"
VIDEO = "is no film that can be read (MP4, WebM, MKV, MOV, AVI or GIF)"
LOUDEST = 8.0  # of a sample, times full scale: files of floats may hold anything
MOST_RATE = 768_000  # samples a second; a file that says more lies
MOST_CHANNELS = 32
MOST_FRAMES_A_SECOND = 240
SPARE_PIXELS = 100_000

Media = Literal["audio", "video"]
CODECS: dict[Media, re.Pattern[str]] = {
    "audio": re.compile(r"pcm_\w+|flac|alac|opus|vorbis|mp[123]|aac|adpcm_(ms|ima_wav)|wmav[12]"),
    "video": re.compile(
        r"h264|hevc|av1|vp[89]|mpeg[124]\w*|h263\w*|mjpeg|gif|png|prores|rawvideo|msmpeg4v[23]"
    ),
}
Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """Frames at even distances over its time, all of one small size."""

    frames: Frames
    seconds: float


def read_sound(content: bytes, most_seconds: float) -> Numbers:
    """The samples of a sound, or of the sound of a film: one channel, RATE a second, about -1 to 1.

    Samples that are no numbers are silence.
    """
    import av

    samples: list[Numbers] = []
    left = int(most_seconds * RATE)
    with _open("audio", content) as container:
        if not container.streams.audio:
            raise InvalidObservation("audio", "has no sound in it")
        stream = container.streams.audio[0]
        _refuse_unknown("audio", stream)
        _refuse_strange_sound(stream)
        stream.codec_context.thread_count = 1
        to_rate = av.AudioResampler(format="flt", rate=RATE)  # PyAV reads 8 planes at most
        for frame in container.decode(stream):
            _refuse_long_frame(frame, most_seconds)
            for part in to_rate.resample(frame):
                samples.append(_to_mono(part))
                left -= len(samples[-1])
            if left < 0:
                raise InvalidObservation("audio", _too_long(most_seconds))
        samples += [_to_mono(part) for part in to_rate.resample(None)]
    heard = np.concatenate(samples).astype(np.float64) if samples else np.empty(0)
    if not len(heard):
        raise InvalidObservation("audio", "has no sound in it")
    return np.nan_to_num(heard, nan=0.0, posinf=0.0, neginf=0.0).clip(-LOUDEST, LOUDEST)


def _refuse_unknown(media: Media, stream: Any) -> None:
    """FFmpeg has hundreds of decoders; those that phones, browsers and recorders use are enough."""
    context = stream.codec_context
    if context is None or not CODECS[media].fullmatch(context.codec.canonical_name):
        raise InvalidObservation(media, "is coded in a way that is not known here")


def _refuse_strange_sound(stream: Any) -> None:
    context = stream.codec_context
    if not 0 < context.sample_rate <= MOST_RATE or not 0 < context.channels <= MOST_CHANNELS:
        said = f"{context.sample_rate:,} samples a second in {context.channels} channels"
        most = f"{MOST_RATE:,} in {MOST_CHANNELS}"
        raise InvalidObservation("audio", f"has {said}; at most {most} are allowed")


def _refuse_long_frame(frame: Any, most_seconds: float) -> None:
    """Before it is resampled: at one sample a second a single frame would fill the memory."""
    if frame.samples > most_seconds * max(frame.sample_rate, 1):
        raise InvalidObservation("audio", _too_long(most_seconds))


def _to_mono(part: Any) -> Numbers:
    """Their mean: FFmpeg's own mix of two equal channels is 3 dB louder than each."""
    mean: Numbers = part.to_ndarray().reshape(-1, part.layout.nb_channels).mean(axis=1)
    return mean


def read_film(
    content: bytes, most_seconds: float, most_pixels: int, frames: int, side: int
) -> Film:
    """So many frames, or as many as there are, brought to a square of so many pixels a side."""
    with _open("video", content) as container:
        moving = [one for one in container.streams.video if not _is_cover(one)]
        if not moving:
            raise InvalidObservation("video", "has no moving picture in it")
        stream = moving[0]
        _refuse_unknown("video", stream)
        _refuse_large(stream.codec_context, most_pixels)
        stream.codec_context.thread_count = 1
        spare = 2 * most_pixels + SPARE_PIXELS  # decoders add a margin, which FFmpeg counts too
        stream.codec_context.options = {"max_pixels": str(spare)}
        kept, seconds = _sample(container, stream, most_seconds, most_pixels, frames, side)
    if not kept:
        raise InvalidObservation("video", "has no moving picture in it")
    places = np.linspace(0, len(kept) - 1, min(frames, len(kept))).round().astype(int)
    return Film(np.stack([kept[place] for place in places]), seconds)


def _sample(
    container: Any, stream: Any, most_seconds: float, most_pixels: int, frames: int, side: int
) -> tuple[list[Frames], float]:
    """Every frame at first, every second one when these become many, and so on."""
    kept: list[Frames] = []
    step, started, last = 1, None, 0.0
    for number, frame in enumerate(container.decode(stream)):
        time = frame.time if frame.time is not None else last
        started = time if started is None else started
        last = max(last, time - started)
        if last > most_seconds or number > most_seconds * MOST_FRAMES_A_SECOND:
            raise InvalidObservation("video", _too_long(most_seconds))
        if frame.width * frame.height > most_pixels:
            raise InvalidObservation("video", _too_large(frame.width, frame.height, most_pixels))
        if number % step:
            continue
        kept.append(_shrink(frame, side))
        if len(kept) >= 4 * frames:
            kept, step = kept[::2], step * 2
    return kept, last + _one_frame(stream)


def _one_frame(stream: Any) -> float:
    rate = stream.average_rate
    return 1.0 / float(rate) if rate and 1 <= rate <= MOST_FRAMES_A_SECOND else 0.04


def _shrink(frame: Any, side: int) -> Frames:
    """Upright, as the camera was held."""
    small: Frames = frame.reformat(
        width=side, height=side, format="rgb24", interpolation="AREA", threads=1
    ).to_ndarray()
    turns = round((getattr(frame, "rotation", 0) or 0) / 90) % 4
    return np.rot90(small, turns) if turns else small


def _is_cover(stream: Any) -> bool:
    """A picture that lies beside a sound, such as that of its album."""
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _refuse_large(context: Any, most_pixels: int) -> None:
    if context.width * context.height > most_pixels:
        raise InvalidObservation("video", _too_large(context.width, context.height, most_pixels))


def _too_large(width: int, height: int, most_pixels: int) -> str:
    return f"has frames of {width} x {height} pixels; at most {most_pixels:,} are allowed"


def _too_long(most_seconds: float) -> str:
    return f"is longer than {most_seconds:g} seconds, which is the limit (media.seconds)"


@contextmanager
def _open(media: Media, content: bytes) -> Iterator[Any]:
    """The container, by the one demuxer that its first bytes name."""
    import av

    name = container_of(content)
    if name is None:
        raise InvalidObservation(media, AUDIO if media == "audio" else VIDEO)
    try:
        with av.open(io.BytesIO(content), format=name, metadata_errors="replace") as container:
            yield container
    except MemoryError:  # PyAV's is an FFmpegError too
        raise InvalidObservation(media, "takes too much memory to decode") from None
    except (av.FFmpegError, ValueError, OverflowError, OSError, EOFError, IndexError):
        raise InvalidObservation(media, "is damaged or cut short") from None


def container_of(content: bytes) -> str | None:
    """What FFmpeg calls the kind of file, or None for one that is none of ours."""
    if content.startswith(TAG):
        return _by_start(content[_tag_length(content) :][:12]) or "mp3"
    return _by_start(content[:12])


def _tag_length(content: bytes) -> int:
    """Of what stands before a sound: title, album, and how long all that is, in bytes of 7 bits."""
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _by_start(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return {b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12])
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    for start, name in STARTS.items():
        if head.startswith(start):
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # a frame without a header
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    return None


TAG = b"ID3"
STARTS = {
    b"fLaC": "flac",
    b"OggS": "ogg",
    b"\x1a\x45\xdf\xa3": "matroska",
    b"GIF8": "gif",
}
