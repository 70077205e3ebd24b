"""`python -m benchmarks.scale.dask_fits`: a forest by two Dask workers, one of them killed.

[--write docs/performance.md] [--rows 200000] [--turns 3]. Scheduler, workers and this process share
the cores of one machine, so nothing is gained: it shows what the way costs, and what a death does.
"""

import argparse
import hashlib
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import numpy as np
from distributed import Client
from sklearn.datasets import make_classification

from benchmarks.markdown import describe_machine, write_between
from benchmarks.sites import describe_company
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model import engine
from pipeline.model.classifier import fit, make_classifier
from pipeline.model.training import bound_samples
from pipeline.setting_tables import TrainingSettings
from tests.support.processes.dask_clusters import DaskCluster, dask_cluster

FEATURES, FOREST = 39, {"n_estimators": 100, "min_samples_leaf": 3, "n_jobs": -1}
HEADER = "| a forest of 100 trees | s | the same model |\n| --- | ---: | --- |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scale.dask_fits", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    values, codes = make_classification(
        options.rows, FEATURES, n_informative=12, n_classes=5, random_state=0
    )
    names = tuple(f"x{n}" for n in range(FEATURES))
    rows = LabelledVectors(values, np.array(list("abcde"))[codes], "x", names)
    seconds: dict[str, list[float]] = {}
    digests: dict[str, set[str]] = {}
    for _ in range(options.turns):
        for how in ("here, two threads", "two workers", "two workers, one killed in the middle"):
            spent, digest = measure(rows, how)
            seconds.setdefault(how, []).append(spent)
            digests.setdefault(how, set()).add(digest)
    first = digests["here, two threads"]
    lines = [
        f"| {how} | {median(found):.1f} | {'yes' if digests[how] == first else 'no'} |"
        for how, found in seconds.items()
    ]
    where = (
        f"{options.rows:,} rows of {FEATURES} numbers. {describe_machine()}, {describe_company()}."
    )
    text = "\n".join([HEADER, *lines, "", where])
    print(text)
    if options.write:
        write_between(options.write, "dask", text)


def measure(rows: LabelledVectors, how: str) -> tuple[float, str]:
    if how.startswith("here"):
        return train(rows, TrainingSettings())
    with (
        tempfile.TemporaryDirectory(prefix="boucle-") as folder,
        dask_cluster(Path(folder), workers=2) as cluster,
    ):
        if "killed" in how:
            threading.Thread(target=kill_when_busy, args=(cluster,), daemon=True).start()
        wanted = TrainingSettings(engine="dask", dask_scheduler=cluster.address)
        try:
            return train(rows, wanted)
        finally:
            engine._connect(cluster.address).close(timeout=1)
            engine._connect.cache_clear()


def kill_when_busy(cluster: DaskCluster) -> None:
    with Client(cluster.address, set_as_default=False) as client:
        while not any(client.processing().values()):
            time.sleep(0.01)
        time.sleep(2.0)
    cluster.workers[0].kill()


def train(rows: LabelledVectors, wanted: TrainingSettings) -> tuple[float, str]:
    """The seconds, and what the model answers for some rows as one text."""
    wanted = wanted.model_copy(
        update={"classifier": "RandomForestClassifier", "parameters": FOREST}
    )
    classifier = make_classifier(wanted, rows.targets)
    bound_samples(classifier, len(rows), wanted.max_samples)
    began = time.perf_counter()
    model = fit(classifier, rows.values, rows.targets, wanted)
    spent = time.perf_counter() - began
    return spent, hashlib.sha256(model.predict_proba(rows.values[:5_000]).tobytes()).hexdigest()


if __name__ == "__main__":
    main()
