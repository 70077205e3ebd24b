"""What MLflow costs: runs after kills, the recorder's time and CPU, how soon an alias is live.

`MLFLOW=.venv-mlflow/bin/mlflow python -m benchmarks.integrations.tracking --write docs/tracking.md`
measures it again, against a real server.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.markdown import describe_machine, write_between
from tests.support.models_and_records.installations import make_installation
from tests.support.models_and_records.loops import Loop
from tests.support.processes.trainers import training
from tests.tracking.conftest import Mlflow, RecorderProcess, Tracked
from tests.tracking.test_foreign_version import log_model, move_to
from tests.tracking.test_mlflow import decide
from tests.tracking.waiting import wait_until

DECISIONS, KILLS, MOVES, MODELS = 200, 10, 10, 5
SECONDS = 600.0


class Bench:
    """An installation with two versions, and a server, both in a folder of their own."""

    def __init__(self, folder: Path, name: str) -> None:
        installation = make_installation(folder / name, "breast_cancer", TRACKING__EXPERIMENT=name)
        installation.train()
        self.loop = Loop(installation)
        self.server = Mlflow(os.environ["MLFLOW"], folder / f"{name}-mlflow").start()
        self.server.wait_until_up()
        self.tracked = Tracked(self.server, name)

    def record(self) -> RecorderProcess:
        return RecorderProcess(
            self.loop.installation, self.server, TRACKING__FOLLOW_ALIAS="true"
        ).start()

    def wait_for_runs(self, runs: int) -> None:
        wait_until(lambda: len(self.tracked.finished()) >= runs, SECONDS)


def measure_kills(bench: Bench) -> dict[str, str]:
    """As the test does, `tests/tracking/test_mlflow.py`."""
    chance, recorder, began = random.Random(0), bench.record(), time.monotonic()
    for place in range(DECISIONS):
        decide(bench.loop, chance.choice(["rejected", "failed"]))
        if place % (DECISIONS // KILLS) == 7:
            time.sleep(chance.uniform(0.5, 3))
            recorder.kill()
            recorder = bench.record()
        if place % (DECISIONS // KILLS) == 13:
            time.sleep(chance.uniform(0.5, 2))
            bench.server.kill()
            bench.server.start()
    bench.server.wait_until_up()
    bench.wait_for_runs(DECISIONS + 2)
    seconds = time.monotonic() - began
    recorder.kill()
    keys = Counter(run.data.tags["boucle.key"] for run in bench.tracked.runs())
    decided = [key for key in keys if key.startswith("decision-")]
    doubled = sum(count > 1 for count in keys.values())
    return {
        f"{DECISIONS} decisions, {KILLS} kills of the server and {KILLS} of the recorder": (
            f"{len(decided) - 1} runs, {doubled} doubled, after {seconds:.0f} s"
        )
    }


def measure_cost(bench: Bench) -> dict[str, str]:
    recorder = bench.record()
    bench.wait_for_runs(2)  # both versions
    process = psutil.Process(recorder.process.pid)
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    for _ in range(DECISIONS):
        decide(bench.loop, "rejected")
    bench.wait_for_runs(DECISIONS + 2)
    spent, seconds = sum(process.cpu_times()[:2]) - before, time.monotonic() - began
    idle = sum(process.cpu_times()[:2])
    time.sleep(30)
    found = {
        f"{DECISIONS} decisions at once": (
            f"{seconds:.0f} s, of these {spent:.1f} s CPU of the recorder"
        ),
        "the recorder while nothing is decided": (
            f"{(sum(process.cpu_times()[:2]) - idle) / 30:.1%} of a core, "
            f"{process.memory_info().rss / 1e6:.0f} MB with scikit-learn to follow the alias"
        ),
    }
    recorder.kill()
    return found


def measure_alias(bench: Bench) -> dict[str, str]:
    recorder = bench.record()
    wait_until(lambda: bench.tracked.aliases()["champion"] == bench.loop.live)
    versions = bench.tracked.client.search_model_versions(f"name = '{bench.tracked.name}'")
    held = {one.tags["boucle.version"]: one.version for one in versions}
    own, judged = [], []
    for move in range(MOVES):
        time.sleep(3.1)  # until the recorder has noted the last
        own.append(_move(bench, held[("0001", "0002")[move % 2]]))
    with training(bench.loop.installation):
        for strength in range(MODELS):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0 + strength))
            number = log_model(bench.server, bench.tracked, bench.loop, model)
            judged.append(_move(bench, number))
            wait_until(lambda: bench.tracked.aliases()["champion"] == bench.loop.live)
        bench.loop.wait_until_decided()
    recorder.kill()
    return {
        f"alias moved to a version of ours, {MOVES} times, until it is live": _spread(own),
        f"alias moved to a notebook's pipeline, {MODELS} times, until it is live": _spread(judged),
    }


def _move(bench: Bench, own: str) -> float:
    """Seconds until the alias that is moved to a version of MLflow's is live here."""
    before, began = bench.loop.live, time.monotonic()
    move_to(bench.tracked, own)
    while bench.loop.live == before:
        time.sleep(0.02)
        if time.monotonic() - began > SECONDS:
            raise TimeoutError(bench.loop.decisions()[0]["reason"])
    return time.monotonic() - began


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="a page with the mark tracking")
    options = parser.parse_args()
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        for measure in (measure_alias, measure_cost, measure_kills):
            bench = Bench(Path(name), measure.__name__)
            try:
                found |= measure(bench)
            finally:
                bench.server.kill()
            print(found, flush=True)
    rows = [f"| {what} | {result} |" for what, result in found.items()]
    text = "\n".join([f"On {describe_machine()}:", "", "| | |", "| --- | --- |", *rows])
    if options.write:
        write_between(options.write, "tracking", text)


if __name__ == "__main__":
    main()
