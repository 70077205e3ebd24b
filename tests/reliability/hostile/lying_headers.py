"""Files whose headers lie, each in one place; used by hostile_media.py."""

import io
import struct
from collections.abc import Iterator

import av
import numpy as np

from tests.support.made_data.media_files import encode_film, encode_sound

File = tuple[str, bytes]
SPECIAL = (np.nan, np.inf, -np.inf, 1e38, -1e-45)
LARGE = 16_384
WORDS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def lie() -> Iterator[File]:
    yield from waves()
    yield from empty_containers()
    yield from large_frames()
    yield from tables_of_films()
    yield from tags()
    yield from elements()


def wave(
    rate: int = 8_000,
    channels: int = 1,
    bits: int = 16,
    tag: int = 1,
    data: bytes = b"",
    size: int | None = None,
) -> bytes:
    step = channels * bits // 8
    numbers = (tag, channels, rate & 0xFFFFFFFF, rate * step & 0xFFFFFFFF, step & 0xFFFF, bits)
    head = b"fmt " + struct.pack("<IHHIIHH", 16, *numbers)
    said = len(data) if size is None else size
    return (
        b"RIFF"
        + struct.pack("<I", 0xFFFFFFFF)
        + b"WAVE"
        + head
        + b"data"
        + struct.pack("<I", said)
        + data
    )


def waves() -> Iterator[File]:
    noise = np.random.default_rng(0).bytes(8_000)
    for rate in (0, 1, 3, 767_999, 768_001, 4_000_000_000, 0xFFFFFFFF):
        yield f"wave of {rate} Hz", wave(rate, data=noise)
    for channels in (0, 2, 32, 33, 255, 65_535):
        yield f"wave of {channels} channels", wave(channels=channels, data=noise)
    for bits in (0, 1, 7, 12, 20, 32, 64, 255, 65_535):
        yield f"wave of {bits} bits", wave(bits=bits, data=noise)
    for size in WORDS:
        yield f"wave that says {size} bytes", wave(data=noise, size=size)
    for tag in (
        2,
        3,
        6,
        7,
        0x11,
        0x31,
        0x45,
        0x50,
        0x55,
        0x61,
        0x160,
        0x161,
        0x270,
        0x2000,
        0xFFFE,
    ):
        yield f"wave of codec {tag:x}", wave(tag=tag, bits=4 if tag < 0x40 else 16, data=noise)
    for value in SPECIAL:
        for bits, kind in ((32, "<f4"), (64, "<f8")):
            samples = np.full(4_000, value).astype(kind)
            yield f"wave of {value}", wave(bits=bits, tag=3, data=samples.tobytes())


def empty_containers() -> Iterator[File]:
    yield "wave alone", b"RIFF\x04\0\0\0WAVE"
    yield "wave without data", wave()
    yield "avi alone", b"RIFF\x04\0\0\0AVI "
    yield "mp4 alone", b"\0\0\0\x10ftypisom\0\0\0\0"
    yield "mp4 without streams", b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08moov\0\0\0\x08mdat"
    yield "gif alone", b"GIF89a\x08\0\x08\0\0\0\0;"
    yield "gif of no size", b"GIF89a\0\0\0\0\0\0\0;"
    yield "flac alone", b"fLaC\x80\0\0\x22" + bytes(34)
    yield "ogg alone", b"OggS\0\x02" + bytes(21) + b"\0"
    yield "matroska alone", b"\x1a\x45\xdf\xa3\x80"
    for starts in (
        b"fLaC",
        b"OggS",
        b"ID3",
        b"\x1a\x45\xdf\xa3",
        b"GIF89a",
        b"\xff\xfb",
        b"\xff\xf1",
    ):
        yield "a start and zeros", starts + bytes(50_000)
        yield "a start again and again", starts * 10_000
    for form, codec in (("mp4", "libx264"), ("matroska", "libx264"), ("avi", "mpeg4")):
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=form) as file:
            stream = file.add_stream(codec, rate=10)
            stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
            file.start_encoding()
        yield f"{form} of no frames", buffer.getvalue()


def large_frames() -> Iterator[File]:
    """In the container's header, in the frame's own, and in both."""
    frames = np.random.default_rng(0).integers(0, 255, (3, 32, 48, 3), dtype=np.uint8)
    for ending, codec in (("avi", "mjpeg"), ("mov", "mjpeg"), ("mkv", "mjpeg"), ("mov", "png")):
        film = encode_film(frames, 10, ending, codec)
        own = (struct.pack(">HH", 32, 48), struct.pack(">HH", LARGE, LARGE))
        if codec == "png":
            own = (struct.pack(">II", 48, 32), struct.pack(">II", LARGE, LARGE))
        yield f"{codec} in {ending} of large frames", film.replace(*own)
        yield (
            f"{codec} in {ending} said large",
            film.replace(struct.pack("<II", 48, 32), struct.pack("<II", LARGE, LARGE)),
        )
        yield (
            f"{codec} in {ending} both",
            film.replace(*own).replace(
                struct.pack(">HH", 48, 32), struct.pack(">HH", LARGE, LARGE)
            ),
        )
    for ending in ("mp4", "mov"):
        film = encode_film(frames, 10, ending)
        wide = struct.pack(">HH", 48, 32)
        for size in ((LARGE, LARGE), (65_535, 65_535), (0, 0), (65_535, 1)):
            yield f"{ending} of {size}", film.replace(wide, struct.pack(">HH", *size))
    for size in ((65_535, 65_535), (LARGE, LARGE), (3_001, 3_000), (65_535, 137)):
        screen = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + bytes(6)
        image = b"," + struct.pack("<HHHHB", 0, 0, *size, 0) + b"\x02\x02\x4c\x01\0"
        yield f"gif of {size}", screen + image + b";"
    yield "gif frame beyond its canvas", b"GIF89a\x08\0\x08\0\x80\0\0" + bytes(6) + image + b";"


def tables_of_films() -> Iterator[File]:
    """The tables of MP4: how many samples there are, where they lie, how long they last."""
    film = encode_film(np.zeros((6, 32, 48, 3), dtype=np.uint8), 10, "mp4")
    sound = encode_sound(np.zeros(8_000), 8_000, "m4a")
    for content in (film, sound):
        for table in (
            b"stts",
            b"stsz",
            b"stco",
            b"stsc",
            b"mvhd",
            b"mdhd",
            b"tkhd",
            b"elst",
            b"stsd",
        ):
            place = content.find(table)
            for word in WORDS if place > 0 else ():
                for offset in (8, 12, 16):
                    spoiled = bytearray(content)
                    spoiled[place + offset : place + offset + 4] = struct.pack(">I", word)
                    yield f"{table.decode()} + {offset} = {word:x}", bytes(spoiled)


def tags() -> Iterator[File]:
    sound = encode_sound(np.zeros(8_000), 8_000, "mp3")
    bare = sound[sound.index(b"\xff\xf3") if b"\xff\xf3" in sound else 0 :]
    for size in (b"\x7f\x7f\x7f\x7f", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\x10\0\0"):
        yield f"tag of {size.hex()} bytes", b"ID3\x04\0\0" + size + bare
        for name in (b"APIC", b"TXXX", b"GEOB", b"PRIV", b"CHAP"):
            frame = name + size + b"\0\0" + b"x" * 100
            yield f"tag of {name.decode()} {size.hex()}", b"ID3\x04\0\0\0\0\x01\x00" + frame + bare
    yield "thousands of tags", (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)) * 20_000 + bare


def elements() -> Iterator[File]:
    """Matroska: sizes that lie, and masters within masters."""
    head = (
        b"\x1a\x45\xdf\xa3\x84\x42\x82\x81w" + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
    )
    for name in (
        "1549a966",
        "1654ae6b",
        "1c53bb6b",
        "1043a770",
        "1254c367",
        "1941a469",
        "1f43b675",
    ):
        element = bytes.fromhex(name)
        for size in (
            b"\x01\xff\xff\xff\xff\xff\xff\xff",
            b"\x08\x7f\xff\xff\xff",
            b"\x01" + bytes(6) + b"\xff",
        ):
            yield f"matroska {name} of {size.hex()}", head + element + size
            yield f"matroska {name} nested", head + (element + size) * 3_000
    tag = b"\x67\xc8\x01\xff\xff\xff\xff\xff\xff\xff"  # a SimpleTag may hold SimpleTags
    yield (
        "matroska of tags in tags",
        head + b"\x12\x54\xc3\x67" + tag[2:] + b"\x73\x73" + tag[2:] + tag * 50_000,
    )
