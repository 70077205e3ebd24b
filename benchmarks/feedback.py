"""`python -m benchmarks.feedback`: durable feedback over HTTP, with little and with much on record.

Each request is a row of its own in the form of the course; an answer means that it is synced.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from benchmarks import table
from benchmarks.load import send as ask
from benchmarks.processes import cpu_seconds, resident_megabytes
from benchmarks.sender import Sent, post, send
from benchmarks.servers import Server
from benchmarks.sites import Site, describe_company, fill
from pipeline.mirror import FILE
from pipeline.records import count_feedback
from pipeline.store import open_store

HEADER = "| rows in the store | rows/s | CPU µs a row | p50 ms | p99 ms |\n| ---: |" + " ---: |" * 4


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feedback", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 1_000_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        site = Site(Path(name))
        engine = open_store(site.settings().store)
        lines, costs = [HEADER], []
        with site.serving() as server:
            for rows in options.rows:
                fill(site, engine, rows)
                line, cost = measure(site, server, rows, options.seconds)
                lines.append(line)
                costs.append(cost)
            memory = weigh(site, server)
        engine.dispose()
    print("\n".join(lines))
    print(f"\nA row costs {costs[-1] / costs[0]:.2f} times as much with {options.rows[-1]:,} rows.")
    print(f"\n{memory}\n\n{table.describe_machine()}, {describe_company()}.")


def measure(site: Site, server: Server, rows: int, seconds: float) -> tuple[str, float]:
    wait_for_mirror(site)
    example = site.example()
    said = json.loads(ask(site.port, "/predict", json.dumps({"features": example}).encode()))
    label = said["prediction"]
    body = {"features": example, "prediction": label, "target": label}
    request = post("/feedback", json.dumps(body).encode())
    send(site.port, request, 1.0)
    before = cpu_seconds(server.pid)
    sent = send(site.port, request, seconds)
    cost = (cpu_seconds(server.pid) - before) / len(sent.milliseconds) * 1e6
    if sent.failed:
        raise SystemExit(f"{sent.failed} were refused")
    cells = [f"{rows:,}", f"{sent.rate:,.0f}", f"{cost:,.0f}", *quantiles(sent)]
    return f"| {' | '.join(cells)} |", cost


def quantiles(sent: Sent) -> list[str]:
    return [f"{sent.percentile(share):.1f}" for share in (50, 99)]


def wait_for_mirror(site: Site) -> None:
    """Else the first to be measured would pay for the export of the rows that were filled in."""
    engine, path = open_store(site.settings().store), site.folder / "data" / FILE
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
