"""`python -m benchmarks.resources.feedback`: durable feedback over HTTP, few and many on record.

Each request is a row of its own in the form of the course; an answer means that it is synced.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median

from benchmarks.markdown import describe_machine
from benchmarks.serving.load import send as ask
from benchmarks.serving.processes import cpu_seconds, resident_megabytes
from benchmarks.serving.sender import post, send
from benchmarks.serving.servers import Server
from benchmarks.sites import Site, describe_company, fill
from pipeline.production.csv_mirror import FILE
from pipeline.store.database import connect
from pipeline.store.feedback_log import count_feedback

HEADER = "| rows in the store | rows/s | CPU µs a row | p50 ms | p99 ms |\n| ---: |" + " ---: |" * 4


@dataclass(frozen=True)
class Burst:
    """What some seconds of feedback showed."""

    rate: float
    cost: float
    p50: float
    p99: float


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resources.feedback", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 1_000_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boucle-") as name, ExitStack() as stack:
        sites, servers, requests = [], [], []
        for rows in options.rows:
            site = Site(Path(name) / f"{rows}")
            sites.append(site)
            servers.append(stack.enter_context(site.serving()))
            fill_store(site, rows)
            requests.append(make_request(site))
        bursts: list[list[Burst]] = [[] for _ in sites]
        for _ in range(options.rounds):
            for place, (site, server) in enumerate(zip(sites, servers, strict=True)):
                bursts[place].append(measure(site, server, requests[place], options.seconds))
        memory = weigh(sites[-1], servers[-1])
    print(HEADER)
    for rows, seen in zip(options.rows, bursts, strict=True):
        print(describe(rows, seen))
    times = median(
        last.cost / first.cost for first, last in zip(bursts[0], bursts[-1], strict=True)
    )
    print(f"\nA row costs {times:.2f} times as much with {options.rows[-1]:,} rows, the median of ")
    print(f"{options.rounds} rounds in turns.\n")
    print(f"{memory}\n\n{describe_machine()}, {describe_company()}.")


def fill_store(site: Site, rows: int) -> None:
    engine = connect(site.settings().store)
    fill(site, engine, rows)
    engine.dispose()
    wait_for_mirror(site)


def make_request(site: Site) -> bytes:
    example = site.example()
    said = json.loads(ask(site.port, "/predict", json.dumps({"features": example}).encode()))
    label = said["prediction"]
    body = {"features": example, "prediction": label, "target": label}
    request = post("/feedback", json.dumps(body).encode())
    send(site.port, request, 1.0)
    return request


def measure(site: Site, server: Server, request: bytes, seconds: float) -> Burst:
    before = cpu_seconds(server.pid)
    sent = send(site.port, request, seconds)
    cost = (cpu_seconds(server.pid) - before) / len(sent.milliseconds) * 1e6
    if sent.failed:
        raise SystemExit(f"{sent.failed} were refused")
    return Burst(sent.rate, cost, sent.percentile(50), sent.percentile(99))


def describe(rows: int, bursts: Sequence[Burst]) -> str:
    rate, cost, p50, p99 = (median(figures) for figures in zip(*map(astuple, bursts), strict=True))
    return f"| {rows:,} | {rate:,.0f} | {cost:,.0f} | {p50:.1f} | {p99:.1f} |"


def wait_for_mirror(site: Site) -> None:
    """Else the first to be measured would pay for the export of the rows that were filled in."""
    engine, path = connect(site.settings().store), site.folder / "data" / FILE
    with engine.connect() as connection:
        rows = count_feedback(connection)
    engine.dispose()
    while not path.exists() or path.read_bytes().count(b"\n") < rows + 1:
        time.sleep(0.5)


def weigh(site: Site, server: Server) -> str:
    """Memory of serving after so many predictions."""
    request = post("/predict", json.dumps({"features": site.example()}).encode())
    done, found = 0, []
    for goal in (1_000, 20_000, 50_000, 100_000):
        while done < goal:
            done += len(send(site.port, request, 2.0).milliseconds)
        found.append(f"{resident_megabytes(server.pid):.0f} MB after {done:,}")
    return f"Memory of serving, by predictions: {', '.join(found)}."


if __name__ == "__main__":
    main()
