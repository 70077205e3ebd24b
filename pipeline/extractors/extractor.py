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
from pipeline.extractors.previews import draw_film, draw_sound
from pipeline.extractors.sound_features import describe_sound
from pipeline.extractors.spectra import RATE

LONGEST_HEARD = 30 * RATE  # samples that a network of any length is given at most


def open_file(wanted: Extraction, kind: Kind, content: bytes, limits: Limits) -> OpenedFile:
    """Decode a file of this kind; InvalidObservation says what is wrong with it."""
    if kind == "image":
        if wanted.picture is None:
            raise InvalidObservation("image", "is not what this model takes")
        pixels = measure_image(content, limits.pixels)
        return OpenedFile(decode_image(wanted.picture, content), pixels)
    if kind == "audio":
        samples = read_sound(content, limits.seconds)
        heard = samples if wanted.extractor == "network" else describe_sound(samples)
        return OpenedFile(fit_length(heard, wanted.samples), preview=draw_sound(samples))
    film = read_film(content, limits.seconds, limits.pixels, FRAMES, SIDE)
    described = describe_film(film.frames, film.seconds)
    return OpenedFile(described, preview=draw_film(film.frames))


def fit_length(samples: Numbers, length: int) -> Numbers:
    """Cut, or filled up with silence, to what a network takes; 0: as it is, if not very long."""
    if not length:
        return samples[:LONGEST_HEARD]
    return np.pad(samples[:length], (0, max(0, length - len(samples))))
