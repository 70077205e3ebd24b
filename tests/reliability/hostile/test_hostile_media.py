"""Two thousand hostile and broken sounds and films: each is read or refused in words."""

import base64
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.reliability.clients import Client, working

pytest.importorskip("av", reason="PyAV is not installed: make media")
from tests.reliability.hostile.hostile_media import make_hostile_files
from tests.reliability.hostile.lying_headers import wave
from tests.support.processes.servers import serving

pytestmark = pytest.mark.reliability
FILES, SENDERS = 1_000, 2
SEEDS = {"audio": 1, "video": 2}
MEGABYTE = 1024**2
SECONDS, PIXELS = "(media.seconds)", "at most 9,000,000"
LIMITS = {
    "audio": {"flac of an hour": SECONDS, "opus of an hour": SECONDS, "wave of 1 Hz": SECONDS},
    "video": {
        "gif of an hour": SECONDS,
        "gif of large frames": "(media.decode_seconds)",
        "gif of (3001, 3000)": PIXELS,
    },
}


def memory(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return {
        name: 1024 * int(status.partition(f"{name}:")[2].split()[0]) for name in ("VmHWM", "VmRSS")
    }


def swapped(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmSwap:")[2].split()[0])


def requests_of(kind, content, place):
    """A file comes by every way, and under a name of something else."""
    text = base64.b64encode(content).decode()
    upload = b'--B\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
    upload += content + b"\r\n--B--\r\n"
    ways = [
        ("/predict", json.dumps({kind: text}).encode(), "application/json"),
        ("/predict/file", upload, "multipart/form-data; boundary=B"),
        ("/predict/batch", json.dumps({"rows": [{kind: text}]}).encode(), "application/json"),
    ]
    return ways[place % len(ways)]


@pytest.fixture
def server(request, kind, tmp_path):
    """Its limit is one that the slowest file exceeds on a fast machine, too."""
    installation = request.getfixturevalue({"audio": "tones", "video": "moves"}[kind])
    hurried = installation.copy(tmp_path / "hostile").with_knobs(MEDIA__DECODE_SECONDS="3")
    with serving(hurried) as server:
        yield server


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_hostile_files_are_read_or_refused_in_words(server, kind):
    bad, answers = [], Counter()
    example = [f["example"] for f in server.client.get("/schema").json()["features"]]
    server.predict(example)
    files, first = list(make_hostile_files(FILES, seed=SEEDS[kind])), {}

    def send(client, place):
        what, content = files[place]
        path, body, form = requests_of(kind, content, place)
        status, answer = client.send("POST", path, body, form)
        said = json.loads(answer)
        answers[status] += 1
        if status not in (200, 413, 422) or (status != 200 and not said["error"]["message"]):
            bad.append((what, path, status, answer[:300]))
        first.setdefault(what, str(said))

    def send_all(ended, sender):
        with Client(server) as client:
            for place in range(sender, FILES, SENDERS):
                send(client, place)

    right = wave(48_000, data=bytes(2 * 48_000 * 60))
    with Client(server) as client:  # memory is compared with what right files of some size take
        for _ in range(4):
            for place in range(3):
                client.send("POST", *requests_of(kind, right, place))
    before = memory(server.pid)
    with working(
        [lambda ended, sender=sender: send_all(ended, sender) for sender in range(SENDERS)]
    ):
        for _ in range(200):
            assert server.predict(example)
    more = {key: (value - before[key]) / MEGABYTE for key, value in memory(server.pid).items()}
    print(f"{kind}: {dict(answers)}, serving took {more} MB more")
    assert not bad, (len(bad), bad[:5])
    assert min(answers[200], answers[422]) > FILES / 20
    assert max(more.values()) < 30
    assert swapped(server.pid) == 0
    assert all(limit in first[what] for what, limit in LIMITS[kind].items()), first
    assert server.predict(example)
