"""`python -m benchmarks.integrations.events`: what Elasticsearch lacks or has twice, and the cost.

[--write docs/logs.md] [--only WORD]. ELASTIC names a program that plays Elasticsearch, FLUENT_BIT
Fluent Bit. It takes a quarter of an hour; the case of the full disk mounts one, as root.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

from benchmarks.integrations.elastic_way import Way
from benchmarks.markdown import describe_machine, write_between
from benchmarks.serving.load import Load, measure
from benchmarks.serving.servers import ROOT, Server
from benchmarks.sites import Site, describe_company

DISK = "6m"
TURNS, LOAD = 20, Load(8, 3)
FOREVER = 1_000_000


def end_to_end(way: Way) -> None:
    for _ in range(200):
        way.write(500)
        way.look_at_memory()


def away_for_five_minutes(way: Way) -> None:
    way.fault(drop=True, times=FOREVER)
    way.predict(300)
    way.fault()


def too_many_for_a_minute(way: Way) -> None:
    way.fault(status=429, times=FOREVER)
    way.predict(60)
    way.fault()


def carrier_killed(way: Way) -> None:
    def at(second: float) -> None:
        if second % 3 == 2:
            way.kill("carrier")
            way.start_carrier()

    way.predict(30, at=at)


def shipper_killed(way: Way) -> None:
    def at(second: float) -> None:
        if second % 3 == 2:
            way.kill("shipper")
            way.start_shipper()

    way.predict(30, at=at)


def rotated(way: Way) -> None:
    way.predict(30)


def full_disk(way: Way) -> None:
    """Something else fills it; then Fluent Bit begins with an empty one, as the runbook says."""
    junk = way.folder / "buffer/junk"
    way.predict(5)
    with contextlib.suppress(OSError), junk.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(100_000))
    way.predict(30)
    way.kill("carrier")
    shutil.rmtree(way.folder / "buffer/chunks")
    for path in (way.folder / "buffer").iterdir():
        path.unlink()
    way.start_carrier()


CASES: dict[str, tuple[Callable[[Way], None], float]] = {
    "100,000 as fast as they come": (end_to_end, 50.0),
    "Elasticsearch away for five minutes": (away_for_five_minutes, 50.0),
    "429 for a minute": (too_many_for_a_minute, 50.0),
    "Fluent Bit killed ten times": (carrier_killed, 50.0),
    "the shipper killed ten times": (shipper_killed, 50.0),
    "the file set aside some ten times": (rotated, 0.4),
    "the disk for what waits filled by others, then Fluent Bit begun anew": (full_disk, 50.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.integrations.events", description=__doc__
    )
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    lines = [
        "| what happens | predictions | lost | twice | s until all were there | shipper, MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        site = Site(Path(name))
        with site.serving():
            pass  # which prepares and trains
        for what, (play, rotate_mb) in CASES.items():
            if options.only in what:
                lines.append(run(site, what, play, rotate_mb))
                print(lines[-1], flush=True)
        cost = compare_cost(site) if options.only in "cost" else ""
    text = "\n".join([*lines, "", cost, "", f"{describe_machine()}, {describe_company()}."])
    print(text)
    if options.write:
        write_between(options.write, "events", text)


def run(site: Site, what: str, play: Callable[[Way], None], rotate_mb: float) -> str:
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        folder = Path(name)
        with (
            mounted(folder, wanted=play is full_disk),
            Way(site, folder, rotate_mb) as way,
        ):
            play(way)
            seconds = way.finish()
            there, twice = way.arrived()
            lost = way.written - there
            memory = f"{way.shipper_megabytes:.0f}"
    return f"| {what} | {way.written:,} | {lost} | {twice} | {seconds:.0f} | {memory} |"


@contextlib.contextmanager
def mounted(folder: Path, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    path = str(folder / "buffer")
    Path(path).mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def compare_cost(site: Site) -> str:
    """CPU of serving for a prediction while events are written, against while none are."""
    command = [sys.executable, "-m", "scripts.retraining.event_shipper"]
    told = {"BOUCLE_LOGS__EVENTS": "true", "BOUCLE_LOGS__FOLDER": str(site.folder / "logs")}
    environment = {**os.environ, **site.environment, **told, "PYTHONPATH": str(ROOT)}
    ratios, cores = [], os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # serving has a core to itself, as in benchmarks.serving
    with site.serving() as server, tempfile.TemporaryDirectory() as scripts:
        os.sched_setaffinity(0, cores - {min(cores)} or cores)
        for _ in range(TURNS):
            shipper = subprocess.Popen(command, env=environment)
            time.sleep(2)
            beside = _cost(server, Path(scripts))
            shipper.terminate()
            shipper.wait()
            time.sleep(1)
            ratios.append(beside / _cost(server, Path(scripts)))
    os.sched_setaffinity(0, cores)
    low, middle, high = quantiles(ratios, n=4)
    return (
        "CPU of a recorded prediction in serving, which has a core to itself, with events against "
        f"without: {middle:.3f} "
        f"(quartiles {low:.3f} and {high:.3f} of {TURNS} turns)."
    )


def _cost(server: Server, folder: Path) -> float:
    return measure(server.pid, server.port, server.request, LOAD, folder).cpu


if __name__ == "__main__":
    main()
