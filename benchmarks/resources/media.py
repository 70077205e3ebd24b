"""`python -m benchmarks.resources.media`: the cost of sounds and films, and of hostile ones.

[--write docs/performance.md] [--rounds 9] [--seconds 5]
"""

import argparse
import base64
import http.client
import itertools
import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.markdown import describe_machine, write_between
from benchmarks.resources.media_baseline import describe_gif, describe_wave
from benchmarks.serving.processes import cpu_seconds
from benchmarks.serving.sender import post, send
from benchmarks.serving.servers import Server
from benchmarks.sites import Site, describe_company
from pipeline.data.schema import Extraction, Kind
from pipeline.extractors.extractor import open_file
from pipeline.extractors.opened_file import Limits
from tests.reliability.hostile.hostile_media import make_hostile_files
from tests.support.made_data.media_files import FILM_FORMATS, SOUNDS, encode_film, encode_sound
from tests.support.models_and_records.installations import write_films, write_sounds

RATE, PREDICTIONS = 44_100, 100.0
HOW = {"audio": Extraction("sound 1"), "video": Extraction("film 1")}
LIMITS = Limits(9_000_000, 60.0)
Times = dict[str, list[float]]


@dataclass
class Measured:
    """Milliseconds of each file, by what was measured."""

    times: dict[str, Times] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, name: str, what: str, milliseconds: float) -> None:
        self.times[name][what].append(milliseconds)

    def of(self, name: str, what: str) -> float:
        return median(self.times[name][what])


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resources.media", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    parts = []
    wanted: tuple[tuple[Kind, str, Callable[[Path], None]], ...] = (
        ("audio", "a sound of 2 s, 44.1 kHz", write_sounds),
        ("video", "a film of 3 s, 320 x 240, 25/s", write_films),
    )
    for kind, title, write in wanted:
        with tempfile.TemporaryDirectory(prefix="boucle-") as name:
            write(Path(name) / "files")
            site = Site(Path(name), str(Path(name) / "files"))
            with site.serving() as server:
                parts.append(measure_files(site, server, kind, title, options.rounds))
                parts.append(measure_company(site, kind, options.rounds, options.seconds))
    text = "\n\n".join([*parts, f"{describe_machine()}, {describe_company()}."])
    print(text)
    if options.write:
        write_between(options.write, "media", text)


def files_of(kind: Kind) -> dict[str, bytes]:
    if kind == "audio":
        times = np.arange(2 * RATE) / RATE
        tone = sum(np.sin(2 * np.pi * 220 * order * times) / order for order in range(1, 9))
        sound = 0.2 * tone + 0.01 * np.random.default_rng(0).normal(size=len(times))
        return {ending: encode_sound(sound, RATE, ending) for ending in SOUNDS}
    rows, columns = np.mgrid[:240, :320]
    ground = np.stack([rows // 2, columns // 2, (rows + columns) // 4], axis=2).astype(np.uint8)
    frames = np.repeat(ground[None], 75, axis=0)
    for frame, across in zip(frames, np.linspace(60, 260, 75), strict=True):
        frame[np.hypot(columns - across, rows - 120) < 40] = (230, 60, 40)
    return {ending: encode_film(list(frames), 25, ending) for ending in FILM_FORMATS}


def measure_files(site: Site, server: Server, kind: Kind, title: str, rounds: int) -> str:
    """Every format once in every round, so that a slow minute of the machine hits all alike."""
    files, measured = files_of(kind), Measured()
    plain, plainly = ("wav", describe_wave) if kind == "audio" else ("gif", describe_gif)
    requests = {name: json.dumps({kind: encode(file)}).encode() for name, file in files.items()}
    for turn in range(rounds + 1):
        for name, content in files.items():
            one = Measured() if not turn else measured  # the first round only warms up
            ask(one, name, "decode", lambda: open_file(HOW[kind], kind, content, LIMITS))  # noqa: B023
            ask(one, name, "http", lambda: send_one(site.port, requests[name]))  # noqa: B023
            for clients in (1, 4):
                load(one, site.port, server.pid, name, requests[name], clients)
        ask(measured, plain, "plain", lambda: plainly(files[plain]))
    columns = "kB | plain ms | here ms | ÷ plain | HTTP p50 ms | CPU ms | files/s | of 4 clients"
    lines = [f"| {title} | {columns} |", "| --- |" + " ---: |" * 8]
    lines += [describe(measured, name, plain, len(content)) for name, content in files.items()]
    return "\n".join(lines)


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def ask(measured: Measured, name: str, what: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    measured.add(name, what, (time.perf_counter() - began) * 1e3)


def send_one(port: int, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/predict", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {answer.read()[:300]!r}")
    answer.read()
    connection.close()


def load(
    measured: Measured, port: int, pid: int, name: str, body: bytes, clients: int, each: int = 4
) -> None:
    """So many clients that each send some files, one after the other."""
    cpu, began = cpu_seconds(pid), time.perf_counter()

    def send_some() -> None:
        for _ in range(each):
            send_one(port, body)

    work = [threading.Thread(target=send_some) for _ in range(clients)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    count = clients * each
    measured.add(name, f"by {clients}", (time.perf_counter() - began) * 1e3 / count)
    measured.add(name, "cpu", (cpu_seconds(pid) - cpu) * 1e3 / count)


def describe(measured: Measured, name: str, plain: str, size: int) -> str:
    numpy, here = measured.of(plain, "plain"), measured.of(name, "decode")
    said = f"{numpy:.1f}" if name == plain else ""
    rates = [1e3 / measured.of(name, f"by {clients}") for clients in (1, 4)]
    return (
        f"| {name} | {size / 1e3:.0f} | {said} | {here:.1f} | {here / numpy:.2f} | "
        f"{measured.of(name, 'http'):.1f} | {measured.of(name, 'cpu'):.0f} | "
        f"{rates[0]:.0f} | {rates[1]:.0f} |"
    )


def measure_company(site: Site, kind: Kind, rounds: int, seconds: float) -> str:
    """Features at a steady rate: alone, beside right files, and beside hostile ones, in turns."""
    request = post("/predict", json.dumps({"features": site.example()}).encode())
    right = list(files_of(kind).values())
    hostile = [content for _, content in make_hostile_files(700, seed=1)]
    beside = {"alone": [], f"beside right {kind}": right, f"beside hostile {kind}": hostile}
    shown: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    feeds = {name: itertools.cycle(content) for name, content in beside.items() if content}
    for _ in range(rounds):
        for name in beside:
            with feeding(site.port, kind, feeds.get(name)) as sent:
                got = send(site.port, request, seconds, rate=PREDICTIONS)
            if got.failed:
                raise SystemExit(f"{got.failed} predictions failed {name}")
            shown[name].append((got.percentile(50), got.percentile(99), len(sent)))
    return "\n".join(table_of(shown))


def table_of(shown: dict[str, list[tuple[float, float, int]]]) -> Iterator[str]:
    names = list(shown)
    what = f"`/predict` of features, {PREDICTIONS:.0f} a second"
    yield f"| {what} | p50 ms | p99 ms | p99 ÷ right | files |"
    yield "| --- |" + " ---: |" * 4
    for name, rounds in shown.items():
        ratios = [one[1] / other[1] for one, other in zip(rounds, shown[names[1]], strict=True)]
        p50, p99 = (median(one[place] for one in rounds) for place in (0, 1))
        files = sum(one[2] for one in rounds)
        yield f"| {name} | {p50:.1f} | {p99:.1f} | {median(ratios):.2f} | {files:,} |"


@contextmanager
def feeding(port: int, kind: Kind, files: Iterator[bytes] | None) -> Iterator[Sequence[int]]:
    """One client that sends files all the while; yields the statuses of its answers."""
    ended, statuses = threading.Event(), list[int]()

    def feed() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while files is not None and not ended.is_set():
            body = json.dumps({kind: encode(next(files))}).encode()
            connection.request("POST", "/predict", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield statuses
    finally:
        ended.set()
        thread.join()
    if any(status >= 500 for status in statuses):
        raise SystemExit(f"{kind}: statuses {sorted(set(statuses))}")


if __name__ == "__main__":
    main()
