"""Pictures that take minutes or gigabytes to decode, against a real server."""

import asyncio
import base64
import io
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Extraction, ImageShape
from pipeline.extractors.pictures import MOST_SCANS, decode_image
from serving.helpers.media import MediaBusy, MediaDecoder

SHAPE = ImageShape(8, 8)
PIXELS = Extraction("pixels", SHAPE)
MEGABYTE = 1024**2


def jpeg_of_many_scans(scans=4_000):
    """A progressive JPEG whose last scan is there again and again: each goes over all pixels."""
    buffer = io.BytesIO()
    Image.effect_noise((2_000, 2_000), 90).save(buffer, "JPEG", progressive=True, quality=30)
    content = buffer.getvalue()
    last = content.rindex(b"\xff\xda")
    scan = content[last:-2][:70] + b"\x00"
    return content[:-2] + scan * scans + b"\xff\xd9"


def png(width, height, kind=6):
    """All of one colour: small, and large once decoded. Kind 6 has red, green, blue and alpha."""
    depth, channels = {0: (16, 2), 6: (8, 4)}[kind]
    rows = zlib.compress(bytes(height * (1 + width * channels)), 9)
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([depth, kind, 0, 0, 0])
    chunks = [b"IHDR" + header, b"IDAT" + rows, b"IEND"]
    packed = [len(c[4:]).to_bytes(4) + c + zlib.crc32(c).to_bytes(4) for c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def refused(picture):
    with pytest.raises(InvalidObservation) as caught:
        decode_image(SHAPE, picture)
    return caught.value.reason


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded():
    """Two of them stopped all pictures for two minutes."""
    assert f"at most {MOST_SCANS} are allowed" in refused(jpeg_of_many_scans())


def test_what_a_camera_makes_has_few_scans():
    buffer = io.BytesIO()
    Image.effect_noise((500, 500), 90).save(buffer, "JPEG", progressive=True)
    assert decode_image(SHAPE, buffer.getvalue()).shape == (64,)


def peak(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [0, 6])
def test_a_large_png_takes_no_memory_of_serving(digits_server, kind):
    picture = png(5_000, 5_000, kind)
    assert len(picture) < 300_000
    before = peak(digits_server.pid)
    for _ in range(3):
        answer = digits_server.client.post("/predict/file", files={"file": ("x.png", picture)})
        assert answer.status_code == 200
    assert peak(digits_server.pid) - before < 20 * MEGABYTE


@pytest.mark.slow
def test_a_request_has_pixels_for_some_large_pictures_and_no_more(digits_server):
    text = base64.b64encode(png(5_000, 4_900)).decode()
    rows = [{"image": text}] * 6
    answer = digits_server.client.post("/predict/batch", json={"rows": rows}, timeout=60)
    assert answer.status_code == 422
    assert "rows.4.image" in answer.text


@pytest.mark.slow
def test_others_are_answered_meanwhile(digits_server):
    hostile, answered = {"file": ("x.png", png(5_000, 5_000))}, 0
    with ThreadPoolExecutor(1) as pool, digits_server.connect() as client:
        sent = pool.submit(lambda: [client.post("/predict/file", files=hostile) for _ in range(5)])
        while not sent.done():
            assert digits_server.predict([3.0] * 64)
            answered += 1
    assert {answer.status_code for answer in sent.result()} == {200}
    assert answered > 20
    small = (digits_server.installation.folder / "data/samples/digit_7_1.png").read_bytes()
    answer = digits_server.client.post("/predict/file", files={"file": ("7.png", small)})
    assert answer.json()["predictions"][0]["prediction"] == "7"


SLEEPING = (sys.executable, "-c", "import time; time.sleep(60)")
DYING = (sys.executable, "-c", "input()")


@pytest.mark.parametrize(
    ("command", "reason"),
    [(SLEEPING, "longer than 0.5 seconds"), (DYING, "too much memory to decode, or breaks")],
)
def test_what_takes_too_long_or_kills_its_process_is_refused_and_the_next_is_read(command, reason):
    async def ask():
        pictures = MediaDecoder(command=command, picture_seconds=0.5)
        for _ in range(2):
            with pytest.raises(InvalidObservation, match=reason):
                await pictures.decode("image", PIXELS, b"")
        return pictures.children["image"].process

    assert asyncio.run(ask()) is None


def test_who_waits_too_long_for_a_turn_is_told_to_come_again():
    async def ask():
        pictures = MediaDecoder(command=SLEEPING, patience=0.3)
        asked = [pictures.decode("image", PIXELS, b"") for _ in range(3)]
        return await asyncio.gather(*asked, return_exceptions=True)

    assert {type(outcome) for outcome in asyncio.run(ask())} == {MediaBusy}


def test_its_process_has_a_limit_of_memory_and_may_open_nothing():
    async def ask():
        pictures = MediaDecoder()
        decoded = await pictures.decode("image", PIXELS, png(50, 50))
        pid = pictures.children["image"].process.pid
        limits = Path(f"/proc/{pid}/limits").read_text()
        await pictures.stop()
        return decoded, limits

    decoded, limits = asyncio.run(ask())
    assert (decoded.values.tolist(), decoded.pixels) == ([0.0] * 64, 2_500)
    assert "unlimited" not in limits.partition("Max data size")[2].splitlines()[0]
    assert limits.partition("Max open files")[2].split()[:2] == ["3", "3"]
