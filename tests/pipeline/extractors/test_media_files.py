"""The same sound, or film, gives the same vector in whichever file it comes."""

import base64
import io
import json
import struct
import wave

import numpy as np
import pytest
from PIL import Image

from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Extraction
from pipeline.datasets.load import load_dataset
from pipeline.datasets.made_films import make_moves
from pipeline.datasets.made_sounds import make_tones
from pipeline.extractors.extractor import open_file
from pipeline.extractors.film_features import FILM_FEATURES, describe_film
from pipeline.extractors.media_files import read_film, read_sound
from pipeline.extractors.opened_file import Limits
from pipeline.extractors.sound_features import SOUND_FEATURES, describe_sound
from pipeline.extractors.spectra import RATE
from pipeline.store.database import connect
from pipeline.store.tables import feedback, predictions
from tests.support.processes.servers import wait_for

pytest.importorskip("av", reason="PyAV is not installed: make media")
from tests.support.made_data.media_files import (
    FILM_FORMATS,
    FILMS,
    SOUNDS,
    encode_film,
    encode_sound,
)

LIMITS = Limits(pixels=9_000_000, seconds=60.0)
HOW = {"audio": Extraction("sound 1"), "video": Extraction("film 1")}
SIDE = 64


def described(kind, content):
    return open_file(HOW[kind], kind, content, LIMITS).values


def refused(kind, content, **limits):
    with pytest.raises(InvalidObservation) as caught:
        open_file(HOW[kind], kind, content, Limits(**{"pixels": 10_000, "seconds": 2.0} | limits))
    assert caught.value.field == kind
    return caught.value.reason


def note(rate, seconds=1.5):
    """With silence around it, for MP3 and AAC put some there themselves."""
    times = np.arange(int(rate * seconds)) / rate
    tone = sum(np.sin(2 * np.pi * 220 * order * times) / order for order in range(1, 12))
    return 0.25 * tone * np.clip(np.sin(np.pi * (times - 0.25) / (seconds - 0.5)), 0, None)


def disc(height=72, width=96, count=20):
    """Runs to the right on a plain ground."""
    rows, columns = np.mgrid[:height, :width]
    frames = np.full((count, height, width, 3), (20, 30, 60), dtype=np.uint8)
    for frame, across in zip(frames, np.linspace(0.2, 0.8, count), strict=True):
        frame[np.hypot(columns - across * width, rows - height / 2) < height / 5] = (220, 90, 30)
    return frames


@pytest.fixture(scope="module")
def sound_spread():
    """Of each feature among different sounds: the measure of what a difference means."""
    return np.std([describe_sound(samples) for _, samples in make_tones(40)], axis=0) + 1e-6


@pytest.fixture(scope="module")
def film_spread():
    places = (np.arange(SIDE) * 42 // SIDE, np.arange(SIDE) * 56 // SIDE)
    films = [frames[:, places[0]][:, :, places[1]] for _, frames in make_moves(24)]
    return np.std([describe_film(frames, 2.0) for frames in films], axis=0) + 1e-6


def differences(names, one, other, spread):
    return dict(zip(names, np.abs(one - other) / spread, strict=True))


def write_wave(samples, rate, width):
    """By Python's own module, which knows nothing of FFmpeg."""
    scaled = {1: samples * 127 + 128, 2: samples * 32767}[width]
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(np.rint(scaled).astype({1: "u1", 2: "<i2"}[width]).tobytes())
    return buffer.getvalue()


SOUND_FILES = {
    **{ending: lambda ending=ending: encode_sound(note(RATE), RATE, ending) for ending in SOUNDS},
    "vorbis": lambda: encode_sound(np.stack([note(RATE)] * 2), RATE, "ogg", "vorbis"),
    "opus": lambda: encode_sound(note(48_000), 48_000, "ogg", "libopus", container="opus"),
    "stereo": lambda: encode_sound(np.stack([note(RATE)] * 2), RATE),
    "surround": lambda: encode_sound(np.stack([note(RATE)] * 6), RATE, "flac"),
    "48 kHz": lambda: encode_sound(note(48_000), 48_000),
    "44.1 kHz": lambda: encode_sound(note(44_100), 44_100, "mp3"),
    "8 bits": lambda: write_wave(note(RATE), RATE, 1),
    "24 bits": lambda: encode_sound(note(RATE), RATE, "wav", "pcm_s24le"),
    "floats": lambda: encode_sound(note(RATE), RATE, "wav", "pcm_f32le"),
}
PADDED = {"seconds", "heard_share"}  # MP3 and AAC come with silence before and after


@pytest.mark.parametrize("name", SOUND_FILES)
def test_a_sound_gives_the_same_vector_in_every_format(name, sound_spread):
    """No feature moves by more than 0.5 of what it differs among sounds; on average by 0.1."""
    expected = described("audio", write_wave(note(RATE), RATE, 2))
    row = described("audio", SOUND_FILES[name]())
    found = differences(SOUND_FEATURES, expected, row, sound_spread)
    kept = {key: float(value) for key, value in found.items() if key not in PADDED}
    moved = {key: value for key, value in kept.items() if value > 0.5}
    assert not moved
    assert np.mean(list(kept.values())) < 0.1
    assert row[-1] == pytest.approx(1.5, abs=0.2)


FILM_FILES = {
    **{ending: lambda ending=ending: encode_film(disc(), 10, ending) for ending in FILM_FORMATS},
    "vp8": lambda: encode_film(disc(), 10, "webm", "libvpx"),
    "motion jpeg": lambda: encode_film(disc(), 10, "avi", "mjpeg"),
}


@pytest.mark.parametrize("name", FILM_FILES)
def test_a_film_gives_the_same_vector_in_every_format(name, film_spread):
    """No feature moves by more than 0.5 of what it differs among films; on average by 0.1."""
    expected = described("video", encode_film(disc(), 10, "mov", "png"))
    row = described("video", FILM_FILES[name]())
    found = differences(FILM_FEATURES, expected, row, film_spread)
    assert not {key: float(value) for key, value in found.items() if value > 0.5}
    assert np.mean(list(found.values())) < 0.1


@pytest.mark.parametrize("ending", SOUNDS)
def test_a_longer_sound_is_refused_with_the_limit(ending):
    content = encode_sound(note(RATE, 3.0), RATE, ending)
    said = "is longer than 2 seconds, which is the limit (media.seconds)"
    assert refused("audio", content) == said


@pytest.mark.parametrize("ending", FILM_FORMATS)
def test_a_longer_film_is_refused_with_the_limit(ending):
    said = "is longer than 1.5 seconds, which is the limit (media.seconds)"
    assert refused("video", encode_film(disc(), 10, ending), seconds=1.5) == said


@pytest.mark.parametrize("ending", FILM_FORMATS)
def test_larger_frames_are_refused_with_the_limit(ending):
    reason = refused("video", encode_film(disc(), 10, ending), pixels=6_000)
    assert reason == "has frames of 96 x 72 pixels; at most 6,000 are allowed"


def test_a_frame_of_an_hour_is_refused_before_it_fills_the_memory():
    """A sample a second is brought to 16,000: one frame of them took gigabytes."""
    assert "(media.seconds)" in refused("audio", write_wave(np.zeros(4_000), 1, 2))


def test_too_many_channels_are_refused_with_the_limit():
    content = bytearray(write_wave(np.zeros(400), 8_000, 2))
    content[22:24] = struct.pack("<H", 255)
    content[32:34] = struct.pack("<H", 510)
    assert "in 255 channels; at most 768,000 in 32" in refused("audio", bytes(content))


def cover_before(sound):
    """An ID3 tag with the picture of an album."""
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    body = b"\0image/png\0\x03\0" + picture.getvalue()
    frame = b"APIC" + struct.pack(">IH", len(body), 0) + body
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame + sound


@pytest.mark.parametrize("ending", ["mp3", "aac", "flac"])
def test_a_cover_picture_is_no_film_and_its_sound_is_read(ending):
    content = cover_before(encode_sound(note(RATE), RATE, ending))
    assert refused("video", content) == "has no moving picture in it"
    assert len(read_sound(content, 60.0)) == pytest.approx(1.5 * RATE, rel=0.1)


@pytest.mark.parametrize("ending", FILMS)
def test_the_soundtrack_of_a_film_is_read_as_a_sound(ending, sound_spread):
    film = encode_film(disc(count=15), 10, ending, samples=note(48_000))
    expected = described("audio", write_wave(note(RATE), RATE, 2))
    found = differences(SOUND_FEATURES, expected, described("audio", film), sound_spread)
    assert np.median(list(found.values())) < 0.05
    assert described("video", film).shape == (len(FILM_FEATURES),)


def test_a_sound_is_no_film_and_a_silent_film_no_sound():
    assert refused("video", encode_sound(note(RATE), RATE)) == "has no moving picture in it"
    assert refused("audio", encode_film(disc(), 10)) == "has no sound in it"


TURNED = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)  # a quarter, clockwise


def test_a_film_of_a_phone_held_upright_is_upright():
    film = np.zeros((6, 64, 64, 3), dtype=np.uint8)
    film[:, :32] = 255  # what was left for the camera is above; its player turns it clockwise
    content = bytearray(encode_film(film, 10))
    matrix = content.index(b"tkhd") + 44
    content[matrix : matrix + 36] = TURNED
    frame = read_film(bytes(content), 60.0, 10_000, 24, SIDE).frames[0]
    assert frame[:, SIDE // 2 + 4 :].mean() > 240 > 15 > frame[:, : SIDE // 2 - 4].mean()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), [("tones", "audio"), ("moves", "video")])
def test_prepare_predict_and_feedback_have_the_same_row_of_the_same_file(request, name, kind):
    server = request.getfixturevalue(f"{name}_server")
    dataset = load_dataset(server.installation.settings())
    row, path = dataset.rows[5].tolist(), dataset.files[5]
    text = base64.b64encode(path.read_bytes()).decode()
    answer = server.client.post("/predict", json={kind: text})
    label = str(dataset.targets[5])
    given = {kind: text, "prediction": label, "target": label, "feedback_id": f"same-{kind}"}
    assert (answer.status_code, server.client.post("/feedback", json=given).status_code) == (
        200,
        201,
    )
    number = answer.json()["prediction_id"]
    assert wait_for(lambda: recorded(server, predictions, predictions.c.id == number)) == row
    named = feedback.c.id == given["feedback_id"]
    assert recorded(server, feedback, named) == row


def recorded(server, table, condition):
    engine = connect(server.installation.settings().store)
    with engine.execution_options(readonly=True).connect() as connection:
        found = connection.execute(table.select().where(condition)).mappings().first()
    engine.dispose()
    return found and [float(value) for value in json.loads(found["observation"])]
