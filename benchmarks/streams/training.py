"""Whether real tables can be trained at all, and what a retraining costs."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.streams.learners import Boucle, Plain
from benchmarks.streams.stream import Stream
from benchmarks.streams.tables import Table, trainable
from pipeline.data.holdout_sample import sample_holdout
from pipeline.explain.importance import measure_importance
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from pipeline.retraining.challenger import challenge
from pipeline.retraining.champion import Champion
from pipeline.setting_tables import ArtifactSettings, DatasetSettings, PathSettings
from pipeline.settings import InvalidSetting, Settings
from pipeline.tables.table import InvalidDataset
from scripts.prepare import prepare
from scripts.retraining.first_version import train_version

ROWS, NEW, TIMES = 6_000, 500, 5


def train_all(folder: Path) -> str:
    served, takes = {"onnx": 0, "scikit-learn": 0}, Counter[str]()
    refused = []
    for table in trainable():
        try:
            manifest = _train(table)
        except (InvalidDataset, InvalidSetting) as error:
            refused.append(f"{table.name}: {str(error).replace(str(folder), '')}")
            continue
        served[manifest["served_by"]] += 1
        name = f"{manifest['embedding_kind']}, {manifest['classifier']['name']}"
        takes[name] += 1
        print(table.name, name, manifest["served_by"], manifest["doubts"], flush=True)
    total = sum(served.values()) + len(refused)
    chosen = ", ".join(f"{name} {count}" for name, count in sorted(takes.items()))
    lines = [
        f"Of {total} real tables {len(refused)} could not be trained; {served['onnx']} are served "
        f"compiled, {served['scikit-learn']} by scikit-learn. Taken: {chosen}.",
        *(f"- {reason}" for reason in refused),
    ]
    return "\n".join(lines)


def _train(table: Table) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        folder = Path(name)
        path = folder / "table.csv"
        table.frame.to_csv(path, index=False)
        settings = Settings().model_copy(
            update={
                "dataset": DatasetSettings(source=str(path)),
                "paths": PathSettings(data=folder / "data", archive=folder / "archive"),
                "artifacts": ArtifactSettings(
                    folder=str(folder / "artifacts"), signing_key=folder / "signing.key"
                ),
            }
        )
        artifacts = open_registry(settings.artifacts)
        prepare(settings, artifacts)
        version, _ = train_version(settings, artifacts, load_prepared(settings, artifacts))
        return version.manifest


def cost(streams: dict[str, Stream]) -> str:
    """A retraining as the trainer does it, but for reading rows and writing files."""
    lines = [
        f"CPU seconds of a retraining with {ROWS} rows of feedback, over one fit of scikit-learn's "
        f"forest on the same rows; the median of {TIMES}, in turn. The live version is that of the "
        f"{NEW} rows before, or the first one: where it errs more on what came since, two small "
        f"forests are trained as well, and a whole one where these are better; as many again where "
        f"the live version had set older rows aside.\n",
        "| stream | classifier | plain fit | retraining | ratio | of the first | ratio |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for stream in streams.values():
        loop, plain = Boucle(stream), Plain(stream)
        first = loop.live
        for start in range(0, ROWS, NEW):
            rows, targets = stream.rows[start:][:NEW], stream.targets[start:][:NEW]
            plain.rows.append(rows)
            plain.targets.append(targets)
            if start + NEW < ROWS:
                loop.learn(rows, targets)
            else:
                loop._remember(rows, targets)
        works: list[Callable[[], None]] = [plain._fit]
        works += [partial(_retrain, stream, loop, by) for by in (loop.live, first)]
        seconds = [[_seconds(work) for work in works] for _ in range(TIMES)]
        theirs, usual, changed = np.median(np.array(seconds), axis=0)
        lines.append(
            f"| {stream.name} | {stream.training_settings.classifier} | {theirs:.2f} "
            f"| {usual:.2f} | {usual / theirs:.2f} | {changed:.2f} | {changed / theirs:.2f} |"
        )
    return "\n".join(lines)


def _retrain(stream: Stream, loop: Boucle, live: Champion) -> None:
    found = challenge(loop.settings, loop.prepared, loop.production, live)
    scorer, wanted = found.candidate.trained.scorer(), loop.settings.training
    rows = sample_holdout(stream.dataset.rows, stream.dataset.targets)
    measure_importance(loop.prepared.embedding, scorer, rows, wanted.importance_rows, wanted.seed)


def _seconds(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
