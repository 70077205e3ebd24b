"""What is told of a sound, whatever its length, its loudness and where in the file it begins."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from pipeline.datasets.made_sounds import TONES, make_tones
from pipeline.extractors.sound_features import BAND_NAMES, SOUND_FEATURES, describe_sound
from pipeline.extractors.spectra import RATE

HALF = RATE // 2


def sine(hertz, seconds=1.0, harmonics=(1.0,)):
    times = np.arange(int(RATE * seconds)) / RATE
    waves = [
        strength * np.sin(2 * np.pi * order * hertz * times)
        for order, strength in enumerate(harmonics, start=1)
    ]
    return 0.2 * np.sum(waves, axis=0)


def told(samples):
    return dict(zip(SOUND_FEATURES, describe_sound(samples), strict=True))


def test_each_feature_has_a_name_of_its_own():
    assert len(set(SOUND_FEATURES)) == len(SOUND_FEATURES) == 94
    assert {"mfcc_3_mean", "band_1190_hz_std", "onsets_per_s", "seconds"} <= set(SOUND_FEATURES)


@pytest.mark.parametrize("length", [0, 1, 50, 1023, 1024, 1025, 40_000])
@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, 1e300])
def test_every_number_is_finite(length, value):
    row = describe_sound(np.full(length, value))
    assert row.shape == (len(SOUND_FEATURES),)
    assert np.isfinite(row).all()


def test_noise_of_any_length_gives_finite_numbers():
    random = np.random.default_rng(0)
    for length in (3, 700, 5_000, 400_000):
        assert np.isfinite(describe_sound(random.normal(size=length))).all()


def test_a_louder_sound_moves_loudness_alone():
    soft, loud = told(sine(440)), told(4.0 * sine(440))
    moved = {name for name in SOUND_FEATURES if abs(loud[name] - soft[name]) > 0.01}
    assert moved == {"loudness_db_mean", "loudness_max_db"}
    assert loud["loudness_db_mean"] - soft["loudness_db_mean"] == pytest.approx(12.0, abs=0.1)


def test_silence_around_a_sound_hardly_moves_what_it_sounds_like():
    sound = sine(330, harmonics=(1.0, 0.5, 0.25)) * np.exp(-np.arange(RATE) / RATE)
    alone, later = told(sound), told(np.pad(sound, (3 * HALF, HALF)))
    bands = [f"{name}_mean" for name in BAND_NAMES]
    assert max(abs(alone[name] - later[name]) for name in bands) < 2.5
    assert later["pitch_hz"] == pytest.approx(alone["pitch_hz"], rel=0.01)
    assert later["seconds"] == pytest.approx(alone["seconds"] + 2.0)


@pytest.mark.parametrize("hertz", [82.0, 220.0, 440.0, 1000.0])
def test_the_pitch_is_found(hertz):
    assert told(sine(hertz, harmonics=(1.0, 0.7, 0.5, 0.3)))["pitch_hz"] == pytest.approx(
        hertz, rel=0.01
    )


def test_noise_has_no_pitch():
    noise = told(np.random.default_rng(0).normal(0.0, 0.1, RATE))
    assert noise["pitched_share"] == 0.0
    assert noise["flatness_db_mean"] > told(sine(440))["flatness_db_mean"] + 10.0


def test_a_high_tone_lights_its_own_band():
    row = told(sine(1190.0))
    means = {name: row[f"{name}_mean"] for name in BAND_NAMES}
    assert max(means, key=lambda name: means[name]) == "band_1190_hz"


def test_onsets_are_counted():
    knocks = np.zeros(2 * RATE)
    for start in range(0, len(knocks), RATE // 4):
        knocks[start : start + 1600] = sine(600, 0.1) * np.linspace(1.0, 0.0, 1600)
    assert told(knocks)["onsets_per_s"] > 3.0 * max(1.0, told(sine(600, 2.0))["onsets_per_s"])


def test_a_sound_sets_in_once_at_the_start_of_the_file_and_later():
    sound = sine(500, 1.0)
    for before in (0, HALF):
        row = told(np.pad(sound, (before, HALF)))
        assert row["onsets_per_s"] == pytest.approx(1.0, abs=0.1)


def test_odd_harmonics_are_told_from_all():
    odd, every = sine(220, harmonics=(1, 0, 0.5, 0, 0.3)), sine(220, harmonics=(1, 1, 0.5, 0.5))
    assert told(odd)["odd_harmonics_mean"] > 0.95 > 0.7 > told(every)["odd_harmonics_mean"]


def test_a_minute_is_described_like_its_seconds():
    """Long sounds are worked on in blocks."""
    second = sine(440, 1.0, (1.0, 0.5))
    once, often = told(second), told(np.tile(second, 60))
    assert often["seconds"] == 60.0
    assert often["band_800_hz_mean"] == pytest.approx(once["band_800_hz_mean"], abs=1.0)


def test_instruments_are_told_apart_by_few_notes():
    made = list(make_tones(len(TONES) * 12))
    rows = np.array([describe_sound(samples) for _, samples in made])
    labels = np.array([label for label, _ in made])
    half = len(TONES) * 6
    forest = RandomForestClassifier(50, random_state=0).fit(rows[:half], labels[:half])
    assert forest.score(rows[half:], labels[half:]) > 0.6
