"""Requests that somebody sends who means harm, or whose program is broken; repeatable by seed."""

import json
import random
from collections.abc import Iterator

Sent = tuple[str, str, bytes, str]  # method, path, body, content type
JSON = "application/json"
VALUES = [
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "1e39",
        "-1e39",
        "1e308",
        "1e400",
        "-1e999",
        "1e-400",
        "-0.0",
    ),
    *("9" * 60, "9" * 4299, "9" * 5000, "-" + "9" * 4000, "0." + "3" * 5000, "1e" + "9" * 40),
    *('"\\ud800"', '"a\\u0000b"', '"\\udc00\\ud800"', '""', '"' + "x" * 70_000 + '"', '"NaN"'),
    *("null", "true", "[]", "{}", "[[[]]]", '{"a": {"b": [1]}}', "[" * 500 + "]" * 500),
    *("[" * 90_000, "[" * 90_000 + "]" * 90_000, '{"a":' * 20_000, "1 2", "'1'", "0x10", "1_000"),
]
KEYS = ["features", "image", "rows", "target", "prediction", "prediction_id", "feedback_id", "x"]
PATHS = ["/predict", "/predict/batch", "/feedback", "/explain", "/alerts"]
RAW = [b"", b"\x00", b"\xff\xfe{}", b"{", b"}", b'"', b"\xed\xa0\x80", b"[1", b"\xef\xbb\xbf{}"]
NAMES = ['"a.csv"', '"\x01"', '"' + "n" * 300 + '"', "a.csv", '"../../x.csv"', '"a\\".csv"']
FILES = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"a,b\n1,2\n", b'"open', b"\x00" * 500]
SEGMENTS = ["%00", "..%2F..%2Fetc", "0001%00", "9" * 300, "%ff", "0001/", "\\", "%F0%9F%98%80"]


def make_requests(examples: list[object], count: int, seed: int) -> Iterator[Sent]:
    """`examples` is a right observation, which is spoiled in one place or another."""
    chance = random.Random(seed)
    for _ in range(count):
        kind = chance.random()
        if kind < 0.45:
            yield _spoil_a_value(examples, chance)
        elif kind < 0.75:
            yield _make_a_body(chance)
        elif kind < 0.9:
            yield _break_an_upload(chance)
        else:
            yield _break_a_path(chance)


def _spoil_a_value(examples: list[object], chance: random.Random) -> Sent:
    texts = [json.dumps(value) for value in examples]
    if chance.random() < 0.2:
        texts = texts[: chance.randrange(len(texts))] * chance.randrange(1, 4)
    if texts:
        texts[chance.randrange(len(texts))] = chance.choice(VALUES)
    features = f"[{','.join(texts)}]"
    path = chance.choice(PATHS[:3])
    body = {
        "/predict": f'{{"features": {features}}}',
        "/predict/batch": f'{{"rows": [{features}, {features}]}}',
        "/feedback": f'{{"features": {features}, "prediction": "7", "target": "7"}}',
    }[path]
    return "POST", path, body.encode(), JSON


def _make_a_body(chance: random.Random) -> Sent:
    if chance.random() < 0.2:
        body = chance.choice([*RAW, *(value.encode() for value in VALUES)])
    else:
        pairs = [
            f'"{chance.choice(KEYS)}": {chance.choice(VALUES)}' for _ in range(chance.randrange(4))
        ]
        body = f"{{{', '.join(pairs)}}}".encode()
    kind = chance.choice([JSON, JSON, JSON, "text/plain", "", "application/json; charset=utf-16"])
    return "POST", chance.choice(PATHS), body, kind


def _break_an_upload(chance: random.Random) -> Sent:
    """Multipart with its parts missing, doubled or cut."""
    field, name = chance.choice(['"file"', '"other"', "file", ""]), chance.choice(NAMES)
    head = f"--B\r\nContent-Disposition: form-data; name={field}; filename={name}\r\n\r\n"
    body = head.encode("latin-1") + chance.choice(FILES) + b"\r\n--B--\r\n"
    how = chance.random()
    if how < 0.4:
        body = body[: chance.randrange(len(body))]
    elif how < 0.6:
        body = body * chance.randrange(2, 30)
    elif how < 0.7:
        body = body.replace(b"\r\n", chance.choice([b"\n", b"\r", b"\r\n\r\n"]))
    boundary = chance.choice(["; boundary=B", "; boundary=B", "; boundary=", "", "; boundary=Z"])
    return "POST", "/predict/file", body, f"multipart/form-data{boundary}"


def _break_a_path(chance: random.Random) -> Sent:
    method = chance.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"])
    end = chance.choice(["", "/activate", "/importance", "/importance.png"])
    path = chance.choice(["/models/", "/", "/retrainings?limit="]) + chance.choice(SEGMENTS) + end
    return method, path, b"", JSON
