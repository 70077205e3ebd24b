"""Sounds and films that somebody sends who means harm, or that broke on their way; by seed."""

import io
import random
import struct
import zlib
from collections.abc import Iterator

import av
import numpy as np

from tests.reliability.hostile.lying_headers import lie
from tests.support.made_data.media_files import FILM_FORMATS, SOUNDS, encode_film, encode_sound

File = tuple[str, bytes]  # what was done to it, and its bytes
RATE = 16_000


def make_hostile_files(count: int, seed: int) -> Iterator[File]:
    """Each of the made ones once, then valid ones of every format that are cut or damaged."""
    chance, valid = random.Random(seed), list(valid_files())
    made = [*lie(), *long_files(), *files_that_name_others()]
    for place in range(count):
        if place < len(made):
            yield made[place]
            continue
        name, content = chance.choice(valid)
        how = chance.choice([cut, cut, flip, flip, flip_head, splice, join])
        yield f"{name} {how.__name__}", how(content, chance.choice(valid)[1], chance)


def valid_files() -> Iterator[File]:
    times = np.arange(RATE // 3) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 300 * times)
    frames = np.random.default_rng(0).integers(0, 255, (6, 32, 48, 3), dtype=np.uint8)
    for ending in SOUNDS:
        yield ending, encode_sound(tone, RATE, ending)
    yield "opus", encode_sound(np.stack([tone, tone]), 48_000, "ogg", container="opus")
    for ending in FILM_FORMATS:
        yield ending, encode_film(frames, 10, ending)
        if ending != "gif":
            yield f"{ending} with sound", encode_film(frames, 10, ending, samples=np.tile(tone, 3))


def cut(content: bytes, _: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def flip(content: bytes, _: bytes, chance: random.Random, most: int = 0) -> bytes:
    """Some bits, anywhere or among the first bytes."""
    spoiled = bytearray(content)
    for _turn in range(chance.choice([1, 2, 5, 20, 100])):
        spoiled[chance.randrange(most or len(spoiled))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def flip_head(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return flip(content, other, chance, min(len(content), 400))


def splice(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """A piece of it is taken out, doubled, or of another file or of noise."""
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.choice([1, 4, 30, 400]))
    piece = chance.choice([b"", content[start:end] * 2, other[start:end], chance.randbytes(30)])
    return content[:start] + piece + content[end:]


def join(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """The start of one and the end of another."""
    return content[: chance.choice([12, 40, 200])] + other[chance.randrange(len(other)) :]


def long_files() -> Iterator[File]:
    """Small ones that hold hours, or work for minutes."""
    yield "flac of an hour", flac_of_an_hour()
    yield "mp3 of two minutes", encode_sound(np.zeros(8_000 * 120), 8_000, "mp3")
    yield "opus of an hour", opus_of_an_hour()
    yield "gif of an hour", gif(8, 8, 400, delay=1_000)
    yield "gif of large frames", gif(2_900, 2_900, 800)
    yield "gif without time", gif(8, 8, 30_000, delay=0)


def flac_of_an_hour() -> bytes:
    """8 kB: frames of 8 seconds, each of one number."""
    buffer, samples = io.BytesIO(), np.zeros((1, 8_000 * 3600), dtype=np.int16)
    with av.open(buffer, "w", format="flac") as file:
        options = {"frame_size": "65535"}
        stream = file.add_stream("flac", rate=8_000, layout="mono", options=options)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 8_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return buffer.getvalue()


def opus_of_an_hour() -> bytes:
    """The same packet of silence again and again."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=48_000, layout="mono")
        stream.encode(None)  # opens the encoder, whose header is needed
        for number in range(30_000):
            packet = av.Packet(bytes([0xF8, 0xFF, 0xFE]))
            packet.stream, packet.pts, packet.dts = stream, number * 5_760, number * 5_760
            file.mux(packet)
    return buffer.getvalue()


def gif(
    width: int, height: int, count: int, delay: int = 2, canvas: tuple[int, int] = (0, 0)
) -> bytes:
    """Frames of one colour, each as small as LZW makes it."""
    screen = canvas if any(canvas) else (width, height)
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes(6)
    control = b"!\xf9\x04\x04" + struct.pack("<H", delay) + b"\0\0"
    packed = lzw(width * height)
    blocks = b"".join(
        bytes([len(packed[at : at + 255])]) + packed[at : at + 255]
        for at in range(0, len(packed), 255)
    )
    frame = (
        control + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02" + blocks + b"\0"
    )
    return head + frame * count + b";"


def lzw(pixels: int) -> bytes:
    """So many pixels of colour 0: codes for runs that grow by one each."""
    bits, width, code, run = [(4, 3)], 3, 6, 1
    while pixels > 0:
        if run > 1 and code < 4096:
            bits.append((code - 1 if run > 2 else 6, width))
        else:
            bits.append((0, width))
        pixels -= run
        run += 1
        if run > 2:
            code += 1
        if code > 4095:
            bits.append((4, 12))
            width, code, run = 3, 6, 1
        elif code >= 1 << width:
            width += 1
    bits.append((5, width))
    whole, at = 0, 0
    for value, size in bits:
        whole |= value << at
        at += size
    return whole.to_bytes(at // 8 + 1, "little")


def files_that_name_others(path: str = "/etc/passwd") -> Iterator[File]:
    """What some programs open further files or addresses for."""
    local = f"file://{path}"
    texts = {
        "playlist": f"#EXTM3U\n#EXTINF:1,\n{local}\n#EXT-X-ENDLIST\n",
        "playlist of a key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{local}"\nx.ts\n',
        "concat": f"ffconcat version 1.0\nfile '{local}'\n",
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{local}"/></svg>',
        "dash": f"<?xml version='1.0'?><MPD><BaseURL>{local}</BaseURL></MPD>",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\nc=IN IP4 127.0.0.1\n",
        "srt": "1\n00:00:00,000 --> 00:00:09,000\nword\n",
        "vtt": "WEBVTT\n\n00:00.000 --> 00:09.000\nword\n",
        "ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,x,,0,0,0,,word\n",
        "path": path,
        "protocol": f"concat:{path}|{path}",
        "nothing": "",
    }
    for name, text in texts.items():
        yield name, text.encode()
        yield f"{name} after a tag", b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + text.encode()
        yield f"{name} in a wave", b"RIFF\xff\xff\xff\xffWAVE" + text.encode()
    film = encode_film(np.zeros((4, 32, 48, 3), dtype=np.uint8), 10, "mov")
    for kind in (b"url ", b"alis", b"rsrc"):
        yield f"mov of {kind.decode()}", refer(film, kind, local.encode() + bytes(160))
    bomb = zlib.compress(bytes(200_000_000), 9)
    for size in (len(bomb), 0x7FFFFFFF):
        frame = b"TXXX" + struct.pack(">IH", size, 0x0080) + struct.pack(">I", 1 << 31) + bomb
        sizes = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
        yield "tag with a bomb", b"ID3\x03\0\0" + sizes + frame


def refer(film: bytes, kind: bytes, target: bytes) -> bytes:
    """Say that the frames of a MOV are in another file; the atoms around grow with it."""
    grown, place = bytearray(film), film.index(b"url ", film.index(b"dref"))
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref", b"url "):
        size = film.rindex(name, 0, place + 4) - 4
        grown[size : size + 4] = struct.pack(
            ">I", len(target) + int.from_bytes(film[size : size + 4])
        )
    return bytes(grown[:place] + kind + bytes(4) + target + grown[place + 8 :])
