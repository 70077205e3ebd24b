"""`python -m benchmarks.reporting`: what reporting costs: a pass, its memory, its project page.

Needs Debian's chromium. With --write the table goes into docs/monitoring.md, and with --picture
the project page of the benchmark into a file.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.markdown import write_between
from benchmarks.reporting.store import fill_store, time_pass
from benchmarks.reporting.ui import fill_project, take_picture, time_page
from benchmarks.serving.processes import read_process
from tests.reporting.processes import Reporting, place_reports
from tests.reporting.traffic import Traffic
from tests.support.models_and_records.installations import Installation, make_installation
from tests.support.processes.servers import wait_for

FEW, MANY = 10_000, 1_000_000
PASSES = 20
HEADER = "| what | goal | measured | |\n| --- | --- | --- | --- |"


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="boucle-", dir=options.folder) as name:
        lines = [HEADER]
        for line in measure(Path(name), options.rows, options.picture):
            print(line, flush=True)
            lines.append(line)
    if options.write:
        write_between(options.write, "reporting", "\n".join(lines))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reporting", description=__doc__)
    parser.add_argument("--rows", type=int, default=MANY, help="of the large store")
    parser.add_argument("--folder", type=Path, help="where the stores are made; 2 GB")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--picture", type=Path)
    return parser.parse_args()


def measure(folder: Path, many: int, picture: Path | None) -> Iterator[str]:
    cancer = place_reports(make_installation(folder / "cancer", "breast_cancer"))
    digits = place_reports(make_installation(folder / "digits", "digits"))
    yield from measure_passes(cancer, many)
    yield from measure_processes(digits, picture)


def measure_passes(installation: Installation, many: int) -> Iterator[str]:
    with recorded(installation) as traffic:
        fill_store(traffic, FEW)
        few = time_pass(traffic, PASSES)
        what = f"CPU of a pass over 500 rows, breast_cancer, {FEW:,} rows in the store"
        yield row(what, "under 150 ms", f"{few:.0f} ms", few < 150)
        fill_store(traffic, many)
        slow = time_pass(traffic, PASSES)
        what = f"the same, {many:,} rows in the store"
        yield row(what, "at most 1.2 times as much", f"{slow:.0f} ms", slow <= 1.2 * few)


def measure_processes(installation: Installation, picture: Path | None) -> Iterator[str]:
    with recorded(installation) as traffic:
        keep = fill_project(traffic)
        spent = time_pass(traffic, PASSES)
        yield row(
            "CPU of a pass over 500 rows, digits", "under 150 ms", f"{spent:.0f} ms", spent < 150
        )
        reporting = Reporting(installation)
        try:
            wait_for(reporting.projects, 300)
            wait_for((reporting.wanted.reports / "latest.html").exists, 300)
            seconds = time_page(reporting)
            what = f"the project page in Chromium, {keep} reports kept"
            yield row(what, "under 3 s", f"{seconds:.1f} s", seconds < 3)
            if picture:
                take_picture(reporting, picture)
            memory = read_process(reporting.process.pid).resident / 1e6
            yield row(
                "memory of the exporter, digits", "under 250 MB", f"{memory:.0f} MB", memory < 250
            )
            ui = read_process(reporting.find_ui()).resident / 1e6
            yield row("memory of the Evidently UI then", "", f"{ui:.0f} MB", None)
        finally:
            reporting.end()


@contextmanager
def recorded(installation: Installation) -> Iterator[Traffic]:
    traffic = Traffic(installation)
    try:
        yield traffic
    finally:
        traffic.engine.dispose()


def row(what: str, goal: str, measured: str, met: bool | None) -> str:
    verdict = {True: "met", False: "missed", None: ""}[met]
    return f"| {what} | {goal} | {measured} | {verdict} |"


if __name__ == "__main__":
    main()
