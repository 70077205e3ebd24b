"""Times the scorer against scikit-learn in one interleaved run, and weighs a process that scores.

python -m benchmarks.training.scoring [--write docs/performance.md]
"""

import argparse
import io
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from benchmarks.markdown import write_between
from pipeline.datasets.load import load_dataset
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of
from pipeline.registry.registry import open_registry
from pipeline.settings import load_settings

ROOT = Path(__file__).parents[2]
DATASETS = ("breast_cancer", "digits")
GOALS = {1: 200.0, 1000: 1.5}  # times faster than scikit-learn as documented, by rows
MEGABYTES = 100
ROUNDS = {1: 60, 1000: 30}
REPEATS = {1: 200, 1000: 1}  # of the fast ones within a round, so that the clock is no part of it

WEIGH = """
import sys
from pathlib import Path
import numpy as np
from pipeline.registry.registry import open_registry
from pipeline.registry.prepared import embedding_of
from pipeline.model.scorer import load_scorer
from pipeline.settings import load_settings

version = open_registry(load_settings().artifacts).current()
embedding, scorer = embedding_of(version), load_scorer(version)
for rows in (1, 1000):
    scorer.score(embedding.embed(np.ones((rows, len(embedding.schema.features))))[0])
# Not ru_maxrss: Linux hands a child the peak of the process that started it.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) / 1024)
"""


@dataclass(frozen=True)
class Result:
    """Medians, in microseconds of CPU time, for so many rows of a dataset."""

    dataset: str
    rows: int
    documented: float
    best: float
    scorer: float
    with_embedding: float

    @property
    def met(self) -> bool:
        return self.documented / self.scorer >= GOALS[self.rows]

    def line(self) -> str:
        times = (self.documented, self.best, self.scorer, self.with_embedding)
        ratios = (self.documented / self.scorer, self.best / self.scorer)
        cells = [
            self.dataset,
            f"{self.rows:,}",
            *(f"{t:,.0f}" if t > 100 else f"{t:.1f}" for t in times),
        ]
        cells += [f"{r:,.0f}" if r > 100 else f"{r:.1f}" for r in ratios]
        goal = f"{GOALS[self.rows]:g}: {'met' if self.met else 'not met'}"
        return f"| {' | '.join([*cells, goal])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this page")
    options = parser.parse_args()
    target = options.write.absolute() if options.write else None
    results, weights = [], {}
    for dataset in DATASETS:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            os.environ |= {"BOUCLE_DATASET__SOURCE": dataset, "PYTHONPATH": str(ROOT)}
            make_version()
            weights[dataset] = weigh()
            results += [measure(dataset, rows) for rows in GOALS]
            os.chdir(ROOT)
    text = describe(results, weights)
    print(text)
    if target is not None:
        write_between(target, "scoring", text)
    sys.exit(not (all(result.met for result in results) and max(weights.values()) < MEGABYTES))


def make_version() -> None:
    for name in ("prepare", "train"):
        command = [sys.executable, str(ROOT / "scripts" / f"{name}.py")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def weigh() -> float:
    """The peak memory, in MB, of a process that loads a version and scores, and does no more."""
    done = subprocess.run([sys.executable, "-c", WEIGH], check=True, capture_output=True, text=True)
    return float(done.stdout)


def measure(dataset: str, rows: int) -> Result:
    settings = load_settings()
    version = open_registry(settings.artifacts).current()
    model: Any = joblib.load(io.BytesIO(version.read("model.pkl"))).set_params(n_jobs=1)
    embedding, scorer = embedding_of(version), load_scorer(version)
    observations = load_dataset(settings).rows
    observations = observations[np.arange(rows) % len(observations)]
    vectors, _ = embedding.embed(observations)
    contestants: list[tuple[Callable[[], object], int]] = [
        (lambda: (model.predict(vectors), model.predict_proba(vectors)), 1),
        (lambda: model.predict_proba(vectors), 1),
        (lambda: scorer.score(vectors), REPEATS[rows]),
        (lambda: scorer.score(embedding.embed(observations)[0]), REPEATS[rows]),
    ]
    return Result(dataset, rows, *time_in_turn(contestants, ROUNDS[rows]))


def time_in_turn(contestants: list[tuple[Callable[[], object], int]], rounds: int) -> list[float]:
    """The median CPU time of each, in turns: what stays put while others use the machine too."""
    times: list[list[float]] = [[] for _ in contestants]
    for _ in range(rounds + 1):
        for own, (call, repeats) in zip(times, contestants, strict=True):
            started = time.process_time()
            for _ in range(repeats):
                call()
            own.append((time.process_time() - started) / repeats * 1e6)
    return [statistics.median(own[1:]) for own in times]


def describe(results: list[Result], weights: dict[str, float]) -> str:
    columns = (
        "dataset | rows | scikit-learn: predict and predict_proba, µs | predict_proba alone, µs"
    )
    columns += " | scorer, µs | with the embedding, µs | times faster | than the best case | goal"
    lines = [
        f"| {columns} |",
        "| --- |" + " ---: |" * 7 + " --- |",
        *(r.line() for r in results),
        "",
    ]
    for dataset, megabytes in weights.items():
        met = "met" if megabytes < MEGABYTES else "not met"
        lines.append(
            f"- Peak memory of a process that only loads the {dataset} version and scores: "
            f"{megabytes:.0f} MB (goal: under {MEGABYTES} MB, {met})."
        )
    names = ("scikit-learn", "numpy", "onnxruntime")
    versions = ", ".join(f"{name} {installed_version(name)}" for name in names)
    lines.append(f"- On {machine()}, Python {platform.python_version()}, {versions}.")
    return "\n".join(lines)


def machine() -> str:
    """The processor as Linux names it, and how many of its cores there are."""
    path = Path("/proc/cpuinfo")
    info = path.read_text() if path.exists() else ""
    models = [line.split(":", 1)[1].strip() for line in info.splitlines() if "model name" in line]
    return f"{(models or [platform.machine()])[0]}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
