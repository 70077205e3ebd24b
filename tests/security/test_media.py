"""Sounds and films that take hours, gigabytes, or further files to decode."""

import asyncio
import struct
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Extraction
from pipeline.datasets.made_files import encode_gif, encode_wav
from pipeline.extractors.extractor import open_file
from pipeline.extractors.media_files import container_of
from pipeline.extractors.opened_file import Limits
from pipeline.setting_tables import MediaSettings
from serving.helpers.media import Decoded, MediaBusy, MediaDecoder, Unfit, Upload

pytest.importorskip("av", reason="PyAV is not installed: make media")
from tests.reliability.hostile.hostile_media import (
    files_that_name_others,
    flac_of_an_hour,
    gif,
    opus_of_an_hour,
)
from tests.reliability.hostile.lying_headers import empty_containers, large_frames, waves
from tests.support.made_data.media_files import FILM_FORMATS, SOUNDS, encode_film, encode_sound

pytestmark = pytest.mark.slow  # processes that are started, stopped and killed

HOW = {"audio": Extraction("sound 1"), "video": Extraction("film 1")}
LIMITS = Limits(pixels=1_000_000, seconds=10.0)
SOUND = encode_wav(0.3 * np.sin(np.arange(4_000) / 9))
FILM = encode_gif(np.random.default_rng(0).integers(0, 255, (4, 32, 48, 3), dtype=np.uint8))
AS_NOBODY = """
import os
from serving.helpers import media_worker

lock_in = media_worker.lock_in

def become_nobody():
    lock_in()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(10001)
        os.setuid(10001)

media_worker.lock_in = become_nobody
media_worker.main()
"""
SLEEPING = (sys.executable, "-c", "import time; time.sleep(60)")
DYING = (sys.executable, "-c", "input()")


def refused(kind, content):
    with pytest.raises(InvalidObservation) as caught:
        open_file(HOW[kind], kind, content, LIMITS)
    assert caught.value.field == kind
    return caught.value.reason


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_each_format_is_read_by_somebody_who_may_start_no_thread(kind):
    """As in a container: root may start some all the same, and hid that scaling started them."""
    tone, noise = 0.3 * np.sin(np.arange(48_000) / 9), np.random.default_rng(0)
    frames = [noise.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(6)]
    files = {
        "audio": lambda: [encode_sound(tone, 48_000, ending) for ending in SOUNDS],
        "video": lambda: [encode_film(frames, ending=ending) for ending in FILM_FORMATS],
    }[kind]()
    asked = [msgspec.json.encode(Upload(kind, HOW[kind], content, LIMITS)) for content in files]
    command = [sys.executable, "-c", AS_NOBODY, kind]
    answered = subprocess.run(
        command, check=True, input=b"\n".join([*asked, b""]), capture_output=True
    )
    lines = answered.stdout.splitlines()
    found = [msgspec.json.decode(line, type=Decoded | Unfit) for line in lines]
    assert [type(one) for one in found] == [Decoded] * len(files)


@pytest.mark.parametrize("hour", [flac_of_an_hour, opus_of_an_hour])
def test_an_hour_of_silence_is_refused_with_the_limit(hour):
    content = hour()
    assert len(content) < 250_000
    assert refused("audio", content).endswith("10 seconds, which is the limit (media.seconds)")


def test_a_film_of_an_hour_is_refused_with_the_limit():
    content = gif(8, 8, 400, delay=1_000)
    assert len(content) < 20_000
    assert refused("video", content).endswith("10 seconds, which is the limit (media.seconds)")


def test_frames_without_time_have_a_limit_too():
    assert "(media.seconds)" in refused("video", gif(8, 8, 4_000, delay=0))


@pytest.mark.parametrize("side", [1_001, 10_000])
def test_a_canvas_beyond_the_limit_is_refused_before_it_is_drawn(side):
    content = gif(8, 8, 3, canvas=(side, side))
    assert refused("video", content).endswith("pixels; at most 1,000,000 are allowed")


def test_frames_that_are_larger_than_said_are_refused():
    for _, content in large_frames():
        try:
            assert len(open_file(HOW["video"], "video", content, LIMITS).values)  # of 48 x 32
        except InvalidObservation as error:
            assert error.reason


@pytest.mark.parametrize("kind", HOW)
def test_what_names_a_further_file_is_not_given_it(tmp_path, kind):
    """It names one that could be read; a film that says its frames are in another has its own."""
    other = tmp_path / "other"
    other.write_bytes({"audio": SOUND, "video": FILM}[kind])
    for name, content in files_that_name_others(str(other)):
        if name.startswith("mov") and kind == "video":
            assert len(open_file(HOW[kind], kind, content, LIMITS).values)
        else:
            refused(kind, content)


@pytest.mark.parametrize(
    "start", [b"#EXTM3U\n", b"ffconcat", b"<?xml ", b"WEBVTT\n", b"v=0\n", b"<svg"]
)
def test_no_format_that_names_files_is_tried(start):
    assert container_of(start + bytes(100)) is None


@pytest.mark.parametrize("kind", HOW)
def test_what_holds_nothing_is_refused_in_words(kind):
    said = {refused(kind, content)[:20] for _, content in empty_containers()}
    assert said <= {
        "has no sound in it",
        "has no moving pictur",
        "is damaged or cut sh",
        "has 0 samples a seco",
    }


def test_no_wave_ends_in_another_error_or_in_numbers_that_are_none():
    for _, content in waves():
        try:
            assert np.isfinite(open_file(HOW["audio"], "audio", content, LIMITS).values).all()
        except InvalidObservation as error:
            assert error.reason


def test_a_codec_that_is_not_known_is_refused():
    """Prepare failed at such a file, and the process that decodes for serving ended."""
    content = bytearray(SOUND)
    content[20:22] = struct.pack("<H", 0x7FFF)
    assert refused("audio", bytes(content)) == "is coded in a way that is not known here"


@pytest.mark.parametrize("kind", HOW)
def test_its_process_has_limits_and_reads_on_after_what_is_hostile(kind):
    async def ask():
        media, good = MediaDecoder(), {"audio": SOUND, "video": FILM}[kind]
        first = await media.decode(kind, HOW[kind], good)
        for content in (b"#EXTM3U\nfile:///etc/passwd", good[: len(good) // 3]):
            with pytest.raises(InvalidObservation):
                await media.decode(kind, HOW[kind], content + b"\x3b")
                raise InvalidObservation(kind, "what is cut may still be read")
        again = await media.decode(kind, HOW[kind], good)
        limits = Path(f"/proc/{media.children[kind].process.pid}/limits").read_text()
        await media.stop()
        return first, again, limits

    first, again, limits = asyncio.run(ask())
    assert (first.values.tolist(), first.preview) == (again.values.tolist(), again.preview)
    assert "unlimited" not in limits.partition("Max data size")[2].splitlines()[0]
    for name, most in (("Max open files", "3"), ("Max file size", "0"), ("Max processes", "0")):
        assert limits.partition(name)[2].split()[:2] == [most, most]


def test_what_takes_too_much_memory_is_refused_and_the_next_is_read():
    async def ask():
        media = MediaDecoder(MediaSettings(seconds=3600, decode_seconds=60))
        with pytest.raises(InvalidObservation, match="too much memory"):
            await media.decode("audio", HOW["audio"], flac_of_an_hour())
        opened = await media.decode("audio", HOW["audio"], SOUND)
        await media.stop()
        return opened

    assert len(asyncio.run(ask()).values)


@pytest.mark.parametrize(
    ("command", "reason"),
    [(SLEEPING, r"0.3 seconds to decode, .*\(media.decode_seconds\)"), (DYING, "too much memory")],
)
def test_what_takes_too_long_or_kills_its_process_is_refused_in_words(command, reason):
    async def ask():
        media = MediaDecoder(MediaSettings(decode_seconds=0.3), command)
        with pytest.raises(InvalidObservation, match=reason):
            await media.decode("audio", HOW["audio"], SOUND)
        return media.children["audio"].process

    assert asyncio.run(ask()) is None


def test_sounds_and_films_wait_in_two_rows():
    """A film that takes its time stops no sound."""

    async def ask():
        media = MediaDecoder(command=SLEEPING, patience=0.3)
        asked = [media.decode(kind, HOW[kind], b"") for kind in HOW]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        return outcomes, len(media.children)

    outcomes, children = asyncio.run(ask())
    assert ({type(one) for one in outcomes}, children) == ({MediaBusy}, 2)
