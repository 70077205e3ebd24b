"""Any picture becomes a row of pixels of the dataset's size."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import ImageShape
from pipeline.extractors.pictures import decode_image, encode_png

GREY = ImageShape(4, 4)


def save(image, form="PNG", **how):
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(1, 1), (3, 9), (4, 4), (640, 480)])
def test_any_size_and_colour_becomes_the_same_grey(form, mode, size):
    content = save(Image.new(mode, size, 100 if mode == "L" else (100, 100, 100)), form)
    assert decode_image(GREY, content) == pytest.approx(np.full(16, 100), abs=2)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK"])
def test_other_modes_are_read(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    content = save(Image.new("RGB", (5, 5), "white").convert(mode), form)
    assert decode_image(GREY, content) == pytest.approx(np.full(16, 255), abs=1)


def test_colour_is_kept_where_the_dataset_has_it():
    content = save(Image.new("RGB", (9, 9), (10, 20, 30)))
    assert decode_image(ImageShape(2, 2, colour=True), content).tolist() == [10, 20, 30] * 4


def test_sixteen_bits_are_scaled_and_not_clipped():
    content = save(Image.fromarray(np.full((4, 4), 257 * 100, dtype=np.uint16)))
    assert decode_image(GREY, content) == pytest.approx(np.full(16, 100), abs=1)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_black(mode):
    content = save(Image.new("RGBA", (4, 4), (255, 255, 255, 0)).convert(mode))
    assert not decode_image(GREY, content).any()


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0)])
def test_behind_what_is_drawn_on_nothing_lies_its_opposite(ink, ground):
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.paste((ink, ink, ink, 255), (0, 0, 2, 4))
    pixels = decode_image(GREY, save(image))
    assert (pixels[0], pixels[3]) == (ink, ground)


def test_a_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image = Image.fromarray(np.repeat([[0], [0], [250], [250]], 4, axis=1).astype(np.uint8))
    pixels = decode_image(GREY, save(image, exif=exif))
    assert (pixels[0], pixels[-1]) == (250, 0)


def test_a_digit_has_the_range_of_scikit_learns():
    shape = ImageShape(2, 2, maximum=16.0)
    assert decode_image(shape, save(Image.new("L", (2, 2), 255))).tolist() == [16.0] * 4


def test_a_row_of_pixels_comes_back_from_its_picture():
    row = np.arange(16, dtype=float)
    shape = ImageShape(4, 4, maximum=16.0)
    assert decode_image(shape, encode_png(shape, row)) == pytest.approx(row, abs=0.04)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"GIF89a" + bytes(20), b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(InvalidObservation, match=r"is no picture|is damaged"):
        decode_image(GREY, content)


@pytest.mark.parametrize("side", [8_000, 10_000, 20_000])  # Pillow warns of the second
def test_a_bomb_is_refused_before_it_is_unpacked(side):
    size = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    header = b"\x00\x00\x00\x0dIHDR" + size + struct.pack(">I", zlib.crc32(b"IHDR" + size))
    with pytest.raises(InvalidObservation, match=f"{side} x {side} pixels; at most 25,000,000"):
        decode_image(GREY, b"\x89PNG\r\n\x1a\n" + header + b"\x00\x00\x00\x00IDAT")


def test_a_broken_note_on_how_the_camera_was_held_does_not_stop_a_sound_picture():
    """A text where a number belongs made Pillow raise struct.error."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    exif += struct.pack(">HHI4s", 0x0100, 2, 4, b"abc\0") + bytes(4)
    content = save(Image.new("L", (4, 4), 7), exif=exif)
    assert decode_image(GREY, content).tolist() == [7] * 16


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it skips
def test_no_damage_ends_in_another_error():
    random = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    for form in ("PNG", "JPEG"):
        sound = save(Image.new("RGB", (7, 5), (1, 2, 3)), form, exif=exif)
        for _ in range(300):
            content = bytearray(sound)
            for place in random.integers(len(content), size=3):
                content[place] = random.integers(256)
            try:
                decode_image(GREY, bytes(content))
            except InvalidObservation as error:
                assert error.field == "image"
