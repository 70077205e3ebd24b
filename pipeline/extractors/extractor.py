"""From the bytes of a file to numbers: the one way that prepare, serving and simulate share.

What strangers' bytes can do is done in `open_file`, which serving calls in a process of its own. A
network, where there is one, then makes the features of what was opened.
"""

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Extraction, Kind
from pipeline.extractors.film_features import FRAMES, SIDE, describe_film
from pipeline.extractors.media_files import read_film, read_sound
from pipeline.extractors.opened_file import Limits, OpenedFile
from pipeline.extractors.pictures import decode_image, measure_image
from pipeline.extractors.previews import draw_film, draw_picture, draw_sound
from pipeline.extractors.sound_features import describe_sound
from pipeline.extractors.spectra import RATE

LONGEST_HEARD = 30 * RATE  # samples that a network of any length is given at most


def open_file(
    wanted: Extraction, kind: Kind, content: bytes, limits: Limits, drawn: bool = True
) -> OpenedFile:
    """Decode a file of this kind; InvalidObservation says what is wrong with it.

    `drawn`: with a picture of what was heard or seen.
    """
    network = wanted.extractor == "network"
    if kind == "image":
        if wanted.picture is None:
            raise InvalidObservation("image", "is not what this model takes")
        pixels, row = measure_image(content, limits.pixels), decode_image(wanted.picture, content)
        seen = draw_picture(wanted.picture, row) if drawn and network else b""
        return OpenedFile(row, pixels, seen)
    if kind == "audio":
        samples = read_sound(content, limits.seconds)
        values = fit_length(samples, wanted.samples) if network else describe_sound(samples)
        return OpenedFile(values, preview=draw_sound(samples) if drawn else b"")
    film = read_film(content, limits.seconds, limits.pixels, FRAMES, SIDE)
    described = describe_film(film.frames, film.seconds)
    return OpenedFile(described, preview=draw_film(film.frames) if drawn else b"")


def fit_length(samples: Numbers, length: int) -> Numbers:
    """Cut, or filled up with silence, to what a network takes; 0: as it is, if not very long."""
    if not length:
        return samples[:LONGEST_HEARD]
    return np.pad(samples[:length], (0, max(0, length - len(samples))))
