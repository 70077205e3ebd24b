"""Three hundred files as people and their programs upload them, most of them wrong."""

import csv
import io
import json
import random
import struct
import zlib

import numpy as np
from PIL import Image


def strange_files(row, seed=0):
    """Names and contents; `row` is a good observation of the table that is served."""
    chance = random.Random(seed)
    yield from _tables(row, chance)
    yield from _json(row)
    yield from _pictures(chance)
    yield from _others(chance)


def _csv(header, rows, delimiter=","):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([header, *rows])
    return buffer.getvalue()


def _tables(row, chance):
    header, cells = list(row), [str(value) for value in row.values()]
    good = _csv(header, [cells] * 3)
    for delimiter in ",;\t|":
        text = _csv(header, [cells], delimiter)
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
            yield f"good {ord(delimiter)} {encoding}.csv", text.encode(encoding)
    for place in range(0, len(good), max(1, len(good) // 40)):
        yield f"cut {place}.csv", good[:place].encode()
    for number in range(40):
        content = bytearray(good.encode())
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        yield f"bytes changed {number}.csv", bytes(content)
    for number in range(20):
        ragged = [cells[: chance.randrange(len(cells))] for _ in range(3)]
        yield f"ragged {number}.csv", _csv(header, ragged).encode()
    for cell in STRANGE_CELLS:
        changed = [cell, *cells[1:]]
        yield (
            f"cell {cell[:8]!r}.csv".replace("/", ""),
            _csv(header, [changed]).encode("utf-8", "surrogatepass"),
        )
    yield "only header.csv", _csv(header, []).encode()
    yield "no header.csv", ",".join(cells).encode()
    yield "twice.csv", _csv(header * 2, [cells * 2]).encode()
    yield "unknown column.csv", _csv([*header, "more"], [[*cells, "1"]]).encode()
    yield "wide.csv", _csv([f"c{n}" for n in range(10_000)], [["1"] * 10_000]).encode()
    yield "long.csv", _csv(header, [cells] * 10_001).encode()
    yield "quote.csv", good.replace(cells[0], f'"{cells[0]}', 1).encode()
    yield "only line ends.csv", b"\n" * 500
    yield "old line ends.csv", good.replace("\r\n", "\r").encode()


STRANGE_CELLS = (
    "",
    " ",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "-1e400",
    "0x10",
    "1_000",
    "=1+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "![x](http://127.0.0.1/x.png)",
    "\x00",
    "\ud800",
    "\u202e12",
    "١٢",
    "12" * 4_000,
    "1" * 400,
    "NULL",
    "12 %",
    "1 234,5",
    "31/02/2024",
    "\u00a0",
    "'; DROP TABLE predictions;--",
)


def _json(row):
    values = list(row.values())
    bodies = [
        row,
        values,
        [row, row],
        [values, row],
        {"rows": [row]},
        {"features": row},
        {"rows": [{"features": row}]},
        {"rows": []},
        [],
        {},
        None,
        True,
        1,
        "text",
        [1, [2]],
        [None],
        {"rows": 3},
        {"features": None},
        {**row, "more": {"deep": []}},
        [[]] * 3,
        {"": ""},
    ]
    for number, body in enumerate(bodies):
        yield f"body {number}.json", json.dumps(body).encode()
    for number, text in enumerate(
        ["{", "[1,", "nul", '{"a": 1e400}', '{"a": NaN}', "[" * 50_000, '"\\ud800"', "\ufeff{}", ""]
    ):
        yield f"text {number}.json", text.encode()
    yield "bytes.json", b"\xff\xfe\x00"


def _picture(mode, size, kind, fill):
    buffer = io.BytesIO()
    Image.new(mode, size, fill).save(buffer, kind)
    return buffer.getvalue()


def _pictures(chance):
    for mode, fill in {
        "1": 1,
        "L": 90,
        "LA": (9, 90),
        "P": 3,
        "RGB": 90,
        "RGBA": (9, 9, 9, 0),
    }.items():
        for size in ((1, 1), (8, 8), (300, 20), (10_000, 8)):
            yield f"{mode} {size}.png", _picture(mode, size, "PNG", fill)
    for kind in ("JPEG", "WEBP", "GIF", "BMP", "TIFF"):
        yield f"kind {kind}.{kind.lower()}", _picture("RGB", (9, 9), kind, 90)
    deep = io.BytesIO()
    Image.fromarray(np.full((9, 9), 40_000, dtype=np.uint16)).save(deep, "PNG")
    yield "deep.png", deep.getvalue()
    floats = io.BytesIO()
    Image.fromarray(np.full((9, 9), 0.5, dtype=np.float32)).save(floats, "TIFF")
    yield "floats.tiff", floats.getvalue()
    good = _picture("L", (64, 64), "PNG", 7)
    for place in range(1, len(good), max(1, len(good) // 25)):
        yield f"cut {place}.png", good[:place]
    for number in range(20):
        content = bytearray(good)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        yield f"bits changed {number}.png", bytes(content)
    head = b"IHDR" + struct.pack(">II", 30_000, 30_000) + bytes([8, 0, 0, 0, 0])
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    yield "huge.png", b"\x89PNG\r\n\x1a\n" + chunk


def _others(chance):
    page = b"<!doctype html><script>alert(1)</script>"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    for name in ("page.csv", "page.json", "page.png", "page.txt"):
        yield name, page
    yield "drawing.png", drawing
    yield "drawing.svg", drawing
    yield "book.xlsx", b"PK\x03\x04" + chance.randbytes(2_000)
    yield "archive.csv", b"PK\x03\x04" + chance.randbytes(2_000)
    yield "program.csv", b"\x7fELF" + chance.randbytes(2_000)
    yield "large.csv", b"1,2,3\n" * 7_000_000
    yield "nothing.csv", b""
    yield "nul.csv", b"\x00" * 5_000
    yield "nul.png", b"\x00" * 5_000
    yield "no ending", b"a,b\n1,2\n"
    yield "..", b"1"
    yield "a" * 300 + ".csv", b"a\n1\n"
    yield "\u202ecsv.exe", b"MZ"
    for number in range(30):
        ending = chance.choice(["csv", "json", "png", "txt", "tsv"])
        yield f"noise {number}.{ending}", chance.randbytes(chance.randint(1, 3_000))
