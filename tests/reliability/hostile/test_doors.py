"""Ten thousand hostile heads, twenty thousand damaged pictures, 400 bad connections of each kind.

None gets a failure of ours; memory and descriptors are back where they were, and others are served.
`-s` shows the figures that docs/reliability.md holds.
"""

import contextlib
import io
import random
import resource
import socket
import statistics
import time
from pathlib import Path

import httpx
import pytest
from PIL import Image

from serving.fast_path.connection_watch import SPARE_FILES
from tests.reliability.clients import working
from tests.reliability.hostile.test_bodies import little_memory
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.reliability
HEADS, PICTURES, CONNECTIONS, SENDERS = 10_000, 20_000, 400, 4
PIXELS = [3.0] * 64
BODY = b'{"features":[' + b",".join([b"3.0"] * 64) + b"]}"
POST = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
WHOLE = POST + b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def server(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    with serving(digits.copy(folder, SERVING__BODY_SECONDS="5")) as running:
        small = {"file": draw()}
        for _ in range(100):  # what it needs in any case it has then
            running.predict(PIXELS)
            running.client.post("/predict/file", files=small)
        yield running


def draw():
    buffer = io.BytesIO()
    Image.new("L", (20, 20), 90).save(buffer, "PNG")
    return buffer.getvalue()


def descriptors(server):
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


@contextlib.contextmanager
def nothing_left(server):
    """Memory and descriptors are afterwards what they were; the clients' own are closed by then."""
    before = descriptors(server)
    with little_memory(server):
        yield
    wait_for(lambda: descriptors(server) <= before + 5)
    assert server.predict(PIXELS)


def hostile_head(chance):
    """A valid head with something wrong, or too much of something."""
    lines = [b"POST /predict HTTP/1.1", b"host: x", b"content-type: application/json"]
    lines.append(b"content-length: %d" % len(BODY))
    noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 60)))
    evils = [
        lambda: lines.extend(b"x-%d: y" % n for n in range(chance.randrange(90, 20_000))),
        lambda: lines.append(b"x: " + b"a" * chance.choice([1, 30_000, 40_000, 300_000])),
        lambda: lines.append(b"transfer-encoding: " + chance.choice([b"chunked", b"x", noise])),
        lambda: lines.append(b"content-length: " + chance.choice([b"-1", b"1e9", b"0", noise])),
        lambda: lines.append(b"upgrade: websocket\r\nconnection: upgrade"),
        lambda: lines.append(b"expect: 100-continue"),
        lambda: lines.append(noise),
        lambda: lines.append(b"host: " + noise),
        lambda: lines.insert(0, b"CONNECT x:443 HTTP/1.1"),
        lambda: lines.insert(0, noise),
        lambda: lines.insert(0, b"GET /" + b"a" * chance.randrange(100_000) + b" HTTP/1.1"),
    ]
    for evil in chance.sample(evils, chance.randrange(1, 4)):
        evil()
    return b"\r\n".join([*lines, b"", b""]) + BODY


def send(server, content, seconds=1.0):
    """What comes back until it closes or is silent; b"" for nothing."""
    address = ("127.0.0.1", server.port)
    received = b""
    with socket.create_connection(address, timeout=20) as connection:
        with contextlib.suppress(OSError):  # it has heard enough
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(seconds)
        with contextlib.suppress(OSError):
            while part := connection.recv(65536):
                received += part
    return received


def test_hostile_heads_are_answered_and_leave_nothing(server):
    failed, answered = [], []

    def work(seed):
        chance = random.Random(seed)
        for _ in range(HEADS // SENDERS):
            content = hostile_head(chance)
            answer = send(server, content)
            answered.append(answer[9:12])
            if b"HTTP/1.1 5" in answer:
                failed.append((content[:300], answer[:300]))

    with nothing_left(server), working([lambda _, s=s: work(s) for s in range(SENDERS)]):
        pass
    print({status.decode(): answered.count(status) for status in sorted(set(answered))})
    assert not failed, failed[:3]
    assert {b"400", b"431"} <= set(answered)


def mutate(picture, chance):
    content = bytearray(picture)
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(content))
        content[place] = chance.randrange(256)
    if chance.random() < 0.2:
        place = chance.randrange(len(content))
        content[place : place + chance.randrange(200)] = chance.randbytes(chance.randrange(200))
    return bytes(content)


def test_damaged_pictures_are_refused_or_read(server):
    pictures = []
    for kind in ("PNG", "JPEG"):
        for mode in ("L", "RGB", "CMYK" if kind == "JPEG" else "RGBA"):
            buffer = io.BytesIO()
            options = {"progressive": True} if kind == "JPEG" else {}
            Image.effect_noise((64, 64), 90).convert(mode).save(buffer, kind, **options)
            pictures.append(buffer.getvalue())
    statuses = []

    def work(seed):
        chance = random.Random(seed)
        url = f"http://127.0.0.1:{server.port}/predict/file"
        with httpx.Client(timeout=60, trust_env=False) as client:
            for _ in range(PICTURES // SENDERS):
                content = mutate(chance.choice(pictures), chance)
                statuses.append(client.post(url, files={"file": ("x.png", content)}).status_code)

    with nothing_left(server), working([lambda _, s=s: work(s) for s in range(SENDERS)]):
        pass
    print({status: statuses.count(status) for status in sorted(set(statuses))})
    assert set(statuses) == {200, 422}


def silent(connection):
    """Sends nothing at all."""


def head_without_end(connection):
    connection.sendall(POST)


def body_without_end(connection):
    connection.sendall(POST + b"content-length: 5000\r\n\r\n[")


def reads_nothing(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    ask = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"
    with contextlib.suppress(OSError):
        connection.sendall(ask * 20)


def sends_on(connection):
    """A body that nobody asked for, after its answer."""
    connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\nx")


def asks_once(connection):
    """Nothing bad: what as many connections at once cost in any case."""
    connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")


@pytest.mark.parametrize(
    "behave", [silent, head_without_end, body_without_end, reads_nothing, sends_on, asks_once]
)
def test_bad_connections_keep_nobody_else_waiting(server, behave):
    alone = waits(server)
    with nothing_left(server), contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            made = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            behave(stack.enter_context(made))
        beside = waits(server)
    print(f"{behave.__name__}: p99 {1000 * alone:.1f} ms alone, {1000 * beside:.1f} ms beside")


def waits(server, requests=500):
    """The time that 99 of 100 predictions take at most."""
    seconds = []
    for _ in range(requests):
        started = time.perf_counter()
        server.predict(PIXELS)
        seconds.append(time.perf_counter() - started)
    return statistics.quantiles(seconds, n=100)[-1]


@contextlib.contextmanager
def few_descriptors(most):
    """What is started within the block may open no more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_more_connections_than_there_are_descriptors_for_are_let_go(digits, tmp_path):
    """They used up what the store, the pictures and the next connection need."""
    with contextlib.ExitStack() as running:
        with few_descriptors(SPARE_FILES + 100):
            crowded = running.enter_context(serving(digits.copy(tmp_path)))
        with contextlib.ExitStack() as stack:
            for _ in range(300):
                made = socket.create_connection(("127.0.0.1", crowded.port), timeout=20)
                stack.enter_context(made)
            wait_for(lambda: descriptors(crowded) <= SPARE_FILES + 100)
            assert "Too many open files" not in crowded.log.read_text()
        wait_for(lambda: descriptors(crowded) < SPARE_FILES)
        assert crowded.predict(PIXELS)
