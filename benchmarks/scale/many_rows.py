"""`python -m benchmarks.scale.many_rows`: a retraining beside 1 to 30 million rows of feedback.

[--write docs/performance.md] [--rows 1000000 3000000] [--whole 1000000]: with so many rows it is
also trained on all of them, to see what the draw costs. Needs 0.5 GB of disk for a million rows.
"""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pysqlite3
from numpy.typing import NDArray
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score

from benchmarks.markdown import describe_machine, write_between
from benchmarks.serving.servers import ROOT
from benchmarks.sites import Site, describe_company
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import SignedFolder
from pipeline.store.database import connect, create_schema
from pipeline.store.encoding import rows_to_bytes
from pipeline.store.records import new_ids

FEATURES, PREPARED, ASKED, PART = 39, 5_000, 50_000, 50_000
POOL = 1_000_000  # rows that differ; beyond them they come again
HEADER = (
    "| million rows | held | s | of these reading | CPU s | peak MB | balanced accuracy, % |\n|"
    + " ---: |" * 7
)
KNOBS = {
    "RETRAINING__GATE": "off",
    "RETRAINING__EVERY": "1000000000",
    "RETRAINING__TIMEOUT_SECONDS": "100000",
    "TRAINING__CLASSIFIER": "RandomForestClassifier",
    "EMBEDDING__METHOD": "features",
    "DATASET__TARGET": "target",
}


@dataclass(frozen=True)
class Rows:
    """Of five labels, one of which is 1 % and hard to tell."""

    values: NDArray[np.float64]
    targets: NDArray[np.str_]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scale.many_rows", description=__doc__)
    million = 1_000_000
    parser.add_argument(
        "--rows", type=int, nargs="*", default=[n * million for n in (1, 3, 10, 30)]
    )
    parser.add_argument("--whole", type=int, default=million)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    pool, asked = draw(POOL + PREPARED), draw(POOL + PREPARED + ASKED, POOL + PREPARED)
    with tempfile.TemporaryDirectory(prefix="boucle-", dir=os.environ.get("TMPDIR")) as name:
        site = make_site(Path(name), pool)
        lines, done = [], 0
        print(HEADER, flush=True)
        for rows in sorted(options.rows):
            fill(site, pool, done, rows)
            done = rows
            held = [200_000, rows] if rows == options.whole else [200_000]
            for most in held:
                lines.append(train(site, rows, most, asked))
                print(lines[-1], flush=True)
    text = "\n".join([HEADER, *lines, "", f"{describe_machine()}, {describe_company()}."])
    if options.write:
        write_between(options.write, "many rows", text)


def draw(rows: int, start: int = 0) -> Rows:
    """The same at every call, so that what is asked is like what was learned and not among it."""
    values, codes = make_classification(
        POOL + PREPARED + ASKED,
        FEATURES,
        n_informative=12,
        n_redundant=10,
        n_classes=5,
        weights=[0.5, 0.25, 0.15, 0.09],
        class_sep=1.2,
        flip_y=0.02,
        random_state=0,
    )
    return Rows(values[start:rows], np.array(list("abcde"))[codes[start:rows]])


def make_site(folder: Path, pool: Rows) -> Site:
    frame = pd.DataFrame(pool.values[-PREPARED:], columns=[f"x{n}" for n in range(FEATURES)])
    path = folder / "table.csv"
    frame.assign(target=pool.targets[-PREPARED:]).to_csv(path, index=False)
    return Site(folder, str(path), **KNOBS)


def fill(site: Site, pool: Rows, done: int, rows: int) -> None:
    """Feedback in bulk, past SQLAlchemy and past what makes it durable."""
    settings = site.settings()
    create_schema(connect(settings.store))
    prepared = load_prepared(settings, open_registry(settings.artifacts))
    name, embed = prepared.embedding.embedding_id, prepared.embedding.embed
    statement = (
        "INSERT INTO feedback (seq, id, at, embedding_id, observation, vector, pca_residual,"
        " prediction, target) VALUES (?, ?, ?, ?, x'5b5d', ?, 0.0, ?, ?)"
    )
    path = settings.store.url.removeprefix("sqlite:///")
    with contextlib.closing(pysqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for start in range(done, rows, PART):
            places = np.arange(start, min(start + PART, rows)) % POOL
            vectors = rows_to_bytes(embed(pool.values[places])[0])
            labels, now = pool.targets[places].tolist(), time.time()
            facts = zip(new_ids(now, len(places)), vectors, labels, strict=True)
            written = (
                (start + n, i, now, name, vector, label, label)
                for n, (i, vector, label) in enumerate(facts, start=1)
            )
            connection.executemany(statement, written)
            connection.commit()
        connection.execute("UPDATE state SET value = ? WHERE name = 'feedback_rows'", (rows,))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Peak(threading.Thread):
    """The most that a process holds. What wait4 tells of a child begins with what we hold."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._status, self.megabytes = Path(f"/proc/{pid}/status"), 0.0
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while found := re.search(r"VmHWM:\s+(\d+)", self._status.read_text()):
                self.megabytes = int(found[1]) / 1024
                time.sleep(0.02)


def train(site: Site, rows: int, most: int, asked: Rows) -> str:
    """As the trainer does it, in a process of its own."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.retraining.run_training", "benchmark"],
        cwd=ROOT,
        env={**os.environ, **site.environment, "BOUCLE_TRAINING__PRODUCTION_ROWS": str(most)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        peak = Peak(process.pid)
        stages: dict[str, float] = {}
        for line in process.stdout or ():
            said = json.loads(line)
            stages.setdefault(said.get("stage", "end"), time.perf_counter() - began)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = status
    if status:
        return f"| {rows / 1e6:g} | ended with status {status} |" + " |" * 5
    artifacts = open_registry(site.settings().artifacts)
    version = artifacts.open(artifacts.numbers()[-1])
    reading = stages["training"] - stages["reading rows"]
    cells = [
        f"{rows / 1e6:g}",
        f"{version.manifest['production_held']:,}",
        f"{time.perf_counter() - began:.1f}",
        f"{reading:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{peak.megabytes:,.0f}",
        f"{100 * accuracy(site, version, asked):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def accuracy(site: Site, version: SignedFolder, asked: Rows) -> float:
    settings = site.settings()
    embedding = load_prepared(settings, open_registry(settings.artifacts)).embedding
    scorer = load_scorer(version)
    places, _ = scorer.score(embedding.embed(asked.values)[0])
    return float(balanced_accuracy_score(asked.targets, np.array(scorer.labels)[places]))


if __name__ == "__main__":
    main()
