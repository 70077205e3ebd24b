"""The built-in dataset `tones`: single notes of invented instruments; used by `made_files.py`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Floats, Numbers

TONE_RATE = 16_000
PARTIALS = 16
BELL_RATIOS = np.array([0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 2.66, 3.01, 4.1])


@dataclass(frozen=True)
class Note:
    """What is drawn for a note, whatever plays it."""

    rng: np.random.Generator
    hertz: float
    times: Numbers  # seconds since it began

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))


def make_tones(count: int, seed: int = 0) -> Iterator[tuple[str, Numbers]]:
    """Notes of 1 to 1.4 s from -1 to 1 with their instrument, one instrument after the other."""
    for place in range(count):
        rng = np.random.default_rng([seed, place])
        instrument = TONES[place % len(TONES)]
        yield instrument, _record(INSTRUMENTS[instrument], rng)


def _record(play: Callable[[Note], Floats], rng: np.random.Generator) -> Numbers:
    """A note in a room with a hiss and a hum, at a distance that makes it loud or soft."""
    length, start = int(TONE_RATE * rng.uniform(1.0, 1.4)), int(TONE_RATE * rng.uniform(0.0, 0.2))
    note = Note(rng, 110.0 * 2.0 ** rng.uniform(0.2, 2.8), np.arange(length - start) / TONE_RATE)
    sound = np.concatenate([np.zeros(start), play(note)])
    sound = _echo(sound / (sound.std() + 1e-9), rng)
    times = np.arange(length) / TONE_RATE
    hiss = np.convolve(rng.normal(size=length), [1.0, rng.uniform(-0.5, 0.9)], "same")
    hum = np.sin(2 * np.pi * rng.choice([50.0, 60.0]) * times)
    noisy = sound + 10.0 ** rng.uniform(-1.9, -0.85) * hiss + rng.uniform(0.0, 0.1) * hum
    return np.asarray(noisy / np.abs(noisy).max() * 10.0 ** rng.uniform(-1.4, -0.05))


def _echo(sound: Floats, rng: np.random.Generator) -> Floats:
    delay = int(TONE_RATE * rng.uniform(0.02, 0.09))
    late = np.concatenate([np.zeros(delay), sound[:-delay]])
    return sound + rng.uniform(0.0, 0.4) * late


def _partials(note: Note, strengths: Floats, ratios: Floats, vibrato: float = 0.0) -> Floats:
    """A column for each partial; what lies above half the rate is left out."""
    sway = vibrato * np.sin(2 * np.pi * note.between(4.5, 6.5) * note.times)
    turns = np.cumsum(note.hertz * (1.0 + sway)) / TONE_RATE
    phases = note.rng.uniform(0.0, 2 * np.pi, len(ratios))
    waves = np.sin(2 * np.pi * turns[:, None] * ratios + phases)
    spread = np.exp(0.2 * note.rng.normal(size=len(ratios)))
    heard = note.hertz * ratios < 0.47 * TONE_RATE
    return np.asarray(waves * strengths * spread * heard)


def _harmonics(note: Note, slope: float, vibrato: float = 0.0) -> Floats:
    orders = np.arange(1.0, PARTIALS + 1)
    return _partials(note, orders**-slope, orders, vibrato)


def _together(partials: Floats) -> Floats:
    return np.asarray(partials.sum(axis=1))


def _swell(note: Note, attack: float, release: float = 0.15) -> Floats:
    rest = note.times[-1] - note.times
    rise = 1.0 - np.exp(-note.times / attack)
    return np.asarray(rise * np.clip(rest / release, 0.0, 1.0))


def _breath(note: Note, width: int) -> Floats:
    hiss = note.rng.normal(size=len(note.times))
    return np.convolve(hiss, np.hanning(width) / np.sqrt(width), "same")


def _violin(note: Note) -> Floats:
    tone = _together(_harmonics(note, note.between(0.7, 1.2), note.between(0.004, 0.012)))
    return (tone + note.between(0.02, 0.12) * _breath(note, 3)) * _swell(
        note, note.between(0.05, 0.15)
    )


def _flute(note: Note) -> Floats:
    tone = _together(_harmonics(note, note.between(2.2, 3.2), note.between(0.001, 0.006)))
    return (tone + note.between(0.15, 0.35) * _breath(note, 7)) * _swell(
        note, note.between(0.03, 0.1)
    )


def _clarinet(note: Note) -> Floats:
    orders = np.arange(1.0, PARTIALS + 1)
    even = np.where(orders % 2 == 0, note.between(0.05, 0.2), 1.0)
    tone = _together(_partials(note, even * orders ** -note.between(1.0, 1.5), orders))
    return (tone + note.between(0.02, 0.1) * _breath(note, 5)) * _swell(
        note, note.between(0.02, 0.07)
    )


def _trumpet(note: Note) -> Floats:
    """Its upper partials come later than its lower ones."""
    orders = np.arange(1.0, PARTIALS + 1)
    loud = _swell(note, note.between(0.03, 0.08))[:, None]
    bright = loud ** (1.0 + note.between(0.1, 0.3) * orders)
    peak = np.exp(-(((orders - note.between(3.0, 5.0)) / note.between(3.0, 5.0)) ** 2))
    vibrato = note.between(0.0, 0.004)
    return _together(_partials(note, peak, orders, vibrato) * bright)


def _organ(note: Note) -> Floats:
    """Octaves and a fifth, pulled at random, as loud at its end as at its start."""
    ratios = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
    drawn = note.rng.uniform(0.2, 1.0, len(ratios)) / np.sqrt(ratios)
    wobble = 1.0 + note.between(0.0, 0.15) * np.sin(2 * np.pi * note.between(5, 7) * note.times)
    return _together(_partials(note, drawn, ratios)) * wobble * _swell(note, 0.01, 0.03)


def _guitar(note: Note) -> Floats:
    """Plucked: upper partials fade first."""
    orders = np.arange(1.0, PARTIALS + 1)
    stretched = orders * np.sqrt(1.0 + 0.0003 * orders**2)
    fading = np.exp(-note.times[:, None] * note.between(1.5, 4.0) * (1.0 + 0.35 * orders))
    tone = _partials(note, orders ** -note.between(0.8, 1.4), stretched)
    return _together(tone * fading) * _swell(note, 0.003)


def _bell(note: Note) -> Floats:
    """Partials that are no multiples of each other, and fade slowly."""
    ratios = BELL_RATIOS * np.exp(0.02 * note.rng.normal(size=len(BELL_RATIOS)))
    fading = np.exp(-note.times[:, None] * note.between(0.8, 2.5) * (0.6 + 0.4 * ratios))
    tone = _partials(note, ratios ** -note.between(0.3, 0.9), ratios)
    return _together(tone * fading) * _swell(note, 0.002)


def _drum(note: Note) -> Floats:
    """A skin whose pitch falls, and a rattle."""
    falling = note.hertz * (0.5 + 0.5 * np.exp(-note.times / note.between(0.02, 0.08)))
    skin = np.sin(2 * np.pi * np.cumsum(falling) / TONE_RATE)
    skin *= np.exp(-note.times / note.between(0.08, 0.25))
    rattle = note.rng.normal(size=len(note.times)) * np.exp(-note.times / note.between(0.04, 0.2))
    return np.asarray(skin + note.between(0.2, 0.8) * rattle) * _swell(note, 0.002)


INSTRUMENTS: dict[str, Callable[[Note], Floats]] = {
    "bell": _bell,
    "clarinet": _clarinet,
    "drum": _drum,
    "flute": _flute,
    "guitar": _guitar,
    "organ": _organ,
    "trumpet": _trumpet,
    "violin": _violin,
}
TONES = tuple(INSTRUMENTS)
