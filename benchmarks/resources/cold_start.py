"""`python -m benchmarks.resources.cold_start`: seconds from start to first prediction."""

import argparse
import json
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from benchmarks.markdown import describe_machine
from benchmarks.serving.load import MeasurementError, send
from benchmarks.serving.processes import cpu_seconds
from benchmarks.serving.servers import ROOT, stop
from benchmarks.sites import Site, describe_company


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resources.cold_start", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        site = Site(Path(name))
        with site.serving():
            body = json.dumps({"features": site.example()}).encode()
        rounds = [start(site, body) for _ in range(options.rounds)]
    seconds, cpu = zip(*rounds, strict=True)
    print(f"Seconds to the first 200: median {median(seconds):.2f}, best {min(seconds):.2f}; ")
    print(f"of CPU: median {median(cpu):.2f}, best {min(cpu):.2f}.")
    print(f"{describe_machine()}, {describe_company()}.")


def start(site: Site, body: bytes) -> tuple[float, float]:
    began = time.perf_counter()
    process = subprocess.Popen(
        site.launch.command,
        cwd=ROOT,
        env={**os.environ, **site.environment},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            with suppress(MeasurementError):
                send(site.port, "/predict", body)
                return time.perf_counter() - began, cpu_seconds(process.pid)
            time.sleep(0.005)
    finally:
        stop(process)


if __name__ == "__main__":
    main()
