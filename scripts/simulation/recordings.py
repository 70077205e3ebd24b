"""The sample sounds or films of a dataset, as they would come in a world that has changed.

Each is decoded, changed, and described by the same functions as an upload; what is sent are its
features.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Kind, Schema, Value
from pipeline.extractors.file_types import ENDINGS
from pipeline.extractors.film_features import FRAMES, SIDE, describe_film
from pipeline.extractors.media_files import Film, read_film, read_sound
from pipeline.extractors.sound_features import describe_sound
from pipeline.extractors.spectra import RATE
from pipeline.registry.prepared import SAMPLES
from pipeline.setting_tables import MediaSettings
from pipeline.settings import Settings
from scripts.cli.command import CommandError

Random = np.random.Generator
GAIN, NOISE, HIGHEST_HZ, LOWER_RATE = 6.0, 0.05, 1_500, 4_000
DARK = 0.35


def _louder(samples: Numbers, _: Random) -> Numbers:
    return (samples * GAIN).clip(-1.0, 1.0)


def _noisier(samples: Numbers, random: Random) -> Numbers:
    return samples + random.normal(0, NOISE, len(samples))


def _cut_band(samples: Numbers, _: Random) -> Numbers:
    """As through a telephone, or a cloth over the microphone."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / RATE) > HIGHEST_HZ] = 0
    return np.fft.irfft(spectrum, len(samples))


def _lower_rate(samples: Numbers, _: Random) -> Numbers:
    """As from a recorder that takes fewer samples a second and filters none of what is above."""
    places = np.arange(len(samples))
    taken = places[:: RATE // LOWER_RATE]
    return np.interp(places, taken, samples[taken])


def _darker(film: Film) -> Film:
    return Film((film.frames * DARK).astype(np.uint8), film.seconds)


def _faster(film: Film) -> Film:
    return Film(film.frames[::2], film.seconds / 2)


def _mirrored(film: Film) -> Film:
    return Film(np.ascontiguousarray(film.frames[:, :, ::-1]), film.seconds)


SOUND_CHANGES: Mapping[str, Callable[[Numbers, Random], Numbers]] = {
    "louder": _louder,
    "noisier": _noisier,
    "band": _cut_band,
    "rate": _lower_rate,
}
FILM_CHANGES: Mapping[str, Callable[[Film], Film]] = {
    "darker": _darker,
    "faster": _faster,
    "mirrored": _mirrored,
}
CHANGES: Mapping[str, Kind] = {
    **dict.fromkeys(SOUND_CHANGES, "audio"),
    **dict.fromkeys(FILM_CHANGES, "video"),
}


class Recordings:
    """The samples that prepare laid out, decoded when they are first drawn."""

    def __init__(self, schema: Schema, folder: Path, media: MediaSettings, random: Random) -> None:
        self._schema, self._media, self._random = schema, media, random
        endings = ENDINGS.get(schema.kind, frozenset())
        self._paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in endings)

    def draw(self, change: str) -> tuple[list[Value], str]:
        """The features of one of them, changed, and its label, which stays what it is."""
        if self._schema.kind != CHANGES[change]:
            one = "sounds" if CHANGES[change] == "audio" else "films"
            raise CommandError(f"--drift {change} is for {one}; this dataset has none.")
        if not self._paths or self._schema.extraction is None:
            raise CommandError("There are no samples to change; run make fresh.")
        path = self._paths[int(self._random.integers(len(self._paths)))]
        return list(self._describe(path.read_bytes(), change).tolist()), self._label_of(path)

    def _describe(self, content: bytes, change: str) -> Numbers:
        if change in SOUND_CHANGES:
            samples = read_sound(content, self._media.seconds)
            return describe_sound(SOUND_CHANGES[change](samples, self._random))
        film = read_film(content, self._media.seconds, self._media.pixels, FRAMES, SIDE)
        changed = FILM_CHANGES[change](film)
        return describe_film(changed.frames, changed.seconds)

    def _label_of(self, path: Path) -> str:
        """The longest label that its name begins with."""
        named = path.stem.removeprefix(f"{self._schema.target}_")
        fitting = [label for label in self._schema.labels if named.startswith(f"{label}_")]
        if not fitting:
            raise CommandError(f"{path}: its name does not begin with a label.")
        return max(fitting, key=len)


def open_recordings(schema: Schema, settings: Settings, random: Random) -> Recordings:
    return Recordings(schema, settings.paths.data / SAMPLES, settings.media, random)
