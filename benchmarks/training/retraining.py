"""`python -m benchmarks.training.retraining`: time, memory and size by rows; what serving feels."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.markdown import describe_machine
from benchmarks.serving.load import send as ask
from benchmarks.serving.sender import Sent, post, send
from benchmarks.serving.servers import ROOT
from benchmarks.sites import Site, describe_company, fill
from pipeline.registry.registry import open_registry
from pipeline.setting_tables import TrainingSettings
from pipeline.store.database import connect, create_schema
from pipeline.store.decision_log import latest
from pipeline.store.feedback_log import request_retraining

HEADER = (
    "| rows of feedback | rows a tree draws | s | CPU s | peak MB | compiled MB "
    "| balanced accuracy on the holdout | on rows kept out |\n|" + " ---: |" * 8
)
MAX_SAMPLES = TrainingSettings().max_samples
RATE, IDLE_SECONDS = 500.0, 10.0
KNOBS = {"RETRAINING__GATE": "off", "RETRAINING__EVERY": "1000000000"}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training.retraining", description=__doc__
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--beside", type=int, default=100_000, help="rows while serving is asked")
    parser.add_argument(
        "--draws", type=int, nargs="*", default=[100_000, 20_000], help="max_samples, for most rows"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        site = Site(Path(name), **KNOBS)
        engine = connect(site.settings().store)
        create_schema(engine)
        print(HEADER, flush=True)
        for rows in sorted({*options.rows, options.beside}):
            fill(site, engine, rows)
            for draw in draws(rows, options):
                print(train(site, rows, draw), flush=True)
            if rows == options.beside:
                beside = serve_meanwhile(site)
                print(f"({beside})", flush=True)
        engine.dispose()
    print(f"\n{describe_machine()}, {describe_company()}.")


def draws(rows: int, options: argparse.Namespace) -> list[int]:
    """`max_samples` as it comes; for the most rows others as well."""
    if rows not in options.rows:
        return []
    return [MAX_SAMPLES, *(options.draws if rows == max(options.rows) else ())]


def train(site: Site, rows: int, draw: int) -> str:
    """As the trainer does it, in a process of its own."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.retraining.run_training", "benchmark"],
        cwd=ROOT,
        env={**os.environ, **site.environment, "BOUCLE_TRAINING__MAX_SAMPLES": str(draw)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        return f"| {rows:,} | {draw:,} | ended with status {status} |" + " |" * 5
    artifacts = open_registry(site.settings().artifacts)
    version = artifacts.open(artifacts.numbers()[-1])
    cells = [
        f"{rows:,}",
        f"{min(draw, rows):,}",
        f"{time.perf_counter() - began:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{used.ru_maxrss / 1024:,.0f}",
        f"{len(version.read('model.onnx')) / 1e6:.1f}",
        f"{version.manifest['scores']['holdout']['balanced_accuracy']:.3f}",
        f"{version.manifest['out_of_fold']['balanced_accuracy']:.4f}",
    ]
    return f"| {' | '.join(cells)} |"


def serve_meanwhile(site: Site) -> str:
    """p99 at a steady rate, with no training and with one; then how soon the version is live."""
    trainer = [sys.executable, "scripts/trainer.py"]
    environment = {**os.environ, **site.environment}
    with site.serving():
        request = post("/predict", json.dumps({"features": site.example()}).encode())
        send(site.port, request, 2.0, rate=RATE)
        idle = send(site.port, request, IDLE_SECONDS, rate=RATE)
        with subprocess.Popen(trainer, cwd=ROOT, env=environment) as process:
            busy, live = under_training(site, request)
            process.terminate()
    ratio = busy.percentile(99) / idle.percentile(99)
    return (
        f"p99 of /predict at {RATE:.0f} requests/s: idle {idle.percentile(99):.2f} ms, while a "
        f"retraining runs {busy.percentile(99):.2f} ms ({ratio:.2f} times; {busy.failed} failed). "
        f"{live:.1f} s from the end of the training to the first answer of the new version."
    )


def under_training(site: Site, request: bytes) -> tuple[Sent, float]:
    """Load until it is decided, and the seconds from then until the version answers."""
    engine, busy, decided = connect(site.settings().store), Sent(), threading.Event()
    with engine.begin() as connection:
        request_retraining(connection, "benchmark")
    before = json.loads(ask(site.port, "/readyz"))["model_version"]

    def load() -> None:
        while not decided.is_set():
            part = send(site.port, request, 1.0, rate=RATE)
            busy.milliseconds += part.milliseconds
            busy.failed += part.failed

    loader = threading.Thread(target=load)
    loader.start()
    while True:
        with engine.execution_options(readonly=True).connect() as connection:
            job = latest(connection, 1)[0]
        if job["finished_at"]:
            break
        time.sleep(0.05)
    while json.loads(ask(site.port, "/readyz"))["model_version"] == before:
        time.sleep(0.02)
    live = time.time() - job["finished_at"]
    decided.set()
    loader.join()
    engine.dispose()
    return busy, live


if __name__ == "__main__":
    main()
