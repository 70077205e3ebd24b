"""Decodes files of one kind in a process of its own: one a line in, what it holds a line out.

Started by `serving/helpers/media.py` with the kind as its argument; ends when its standard input
does. Decoders are C code that reads strangers' bytes: once they are loaded, the process may open
no further file, no connection and no program.
"""

import io
import resource
import sys
import wave
from typing import cast

import numpy as np
from PIL import Image

from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Extraction, ImageShape, Kind
from pipeline.extractors.extractor import open_file
from pipeline.extractors.opened_file import Limits
from pipeline.extractors.spectra import RATE
from serving.helpers.line_answers import answer_lines
from serving.helpers.media import Decoded, Unfit, Upload

MOST_BYTES = 768 * 1024**2  # of memory: a picture of 25 million pixels takes up to 500 MB
STANDARD_STREAMS = 3


def main() -> None:
    warm_up(cast("Kind", sys.argv[1]))
    lock_in()
    answer_lines(MOST_BYTES, Upload, answer)


def warm_up(kind: Kind) -> None:
    """Read a file of this kind, so that all that it takes is loaded while it still can be."""
    limits, random = Limits(100_000, 10.0), np.random.default_rng(0)
    if kind == "audio":
        open_file(Extraction("sound 1"), kind, _make_sound(random), limits)
    elif kind == "video":
        open_file(Extraction("film 1"), kind, _make_gif(random), limits)
    else:
        Image.init()
        open_file(Extraction("pixels", ImageShape(8, 8)), kind, _make_gif(random), limits)


def _make_sound(random: np.random.Generator) -> bytes:
    """A tone in noise."""
    buffer, places = io.BytesIO(), np.arange(RATE)
    samples = 8_000 * np.sin(places / 6) + random.normal(0, 500, RATE)
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def _make_gif(random: np.random.Generator) -> bytes:
    """Pictures that move."""
    buffer = io.BytesIO()
    frames = [Image.fromarray(random.integers(0, 255, (16, 16), np.uint8)) for _ in range(6)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def lock_in() -> None:
    """No open file besides the standard streams, no file that grows, no process (but as root)."""
    for limit, most in (
        (resource.RLIMIT_NOFILE, STANDARD_STREAMS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def answer(upload: Upload) -> Decoded | Unfit:
    try:
        opened = open_file(upload.how, upload.kind, upload.content, upload.limits)
        return Decoded(opened.values.tobytes(), opened.pixels, opened.preview)
    except InvalidObservation as error:
        return Unfit(error.reason)
    except MemoryError:
        return Unfit("takes too much memory to decode")


if __name__ == "__main__":
    main()
