"""An installation of ours in a folder, and feedback to fill its store; used by the benchmarks."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from sqlalchemy import Engine, insert, update

from benchmarks.serving.contenders import start_ours
from benchmarks.serving.load import send
from benchmarks.serving.servers import Launch, Server, free_port, running
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings, load_settings
from pipeline.store.encoding import rows_to_bytes
from pipeline.store.feedback_log import count_feedback
from pipeline.store.records import new_ids
from pipeline.store.tables import feedback, state

PART = 20_000


class Site:
    """Prepared and trained; its settings are read as its processes read them."""

    def __init__(self, folder: Path, dataset: str = "breast_cancer", **knobs: str) -> None:
        self.folder, self.port = folder.resolve(), free_port()
        more = {f"BOUCLE_{name}": value for name, value in knobs.items()}
        launch = start_ours(self.port, self.folder, dataset)
        spool = {"BOUCLE_STORE__SPOOL": str(self.folder / "spool")}
        self.environment = {**launch.env, **spool, **more}
        self.launch = Launch(launch.command, launch.request, self.environment)

    def settings(self) -> Settings:
        with patch.dict(os.environ, self.environment):
            return load_settings()

    @contextmanager
    def serving(self) -> Iterator[Server]:
        with running(self.launch, self.port, self.folder / "server.log", None) as server:
            yield server

    def example(self) -> dict[str, object]:
        schema = json.loads(send(self.port, "/schema"))
        return {feature["name"]: feature["example"] for feature in schema["features"]}


def fill(site: Site, engine: Engine, rows: int) -> None:
    """Feedback until there are so many rows, near those of the reference and mostly right."""
    settings = site.settings()
    prepared = load_prepared(settings, open_registry(settings.artifacts))
    reference, name = prepared.reference, prepared.embedding.embedding_id
    random, spread = np.random.default_rng(0), 0.3 * prepared.reference.values.std(axis=0)
    with engine.connect() as connection:
        done = count_feedback(connection)
    while done < rows:
        count = min(PART, rows - done)
        picked = random.integers(0, len(reference), count)
        noise = random.normal(size=(count, reference.values.shape[1])) * spread
        said = reference.targets[picked].tolist()
        vectors = rows_to_bytes(reference.values[picked] + noise)
        now = time.time()
        common = {"at": now, "embedding_id": name, "observation": b"{}", "pca_residual": 0.0}
        triples = zip(new_ids(now, count), vectors, said, strict=True)
        written = [
            {"seq": done + n, "id": i, "vector": v, "target": t, "prediction": t, **common}
            for n, (i, v, t) in enumerate(triples, start=1)
        ]
        done += count
        with engine.begin() as connection:
            connection.execute(insert(feedback), written)
            counted = update(state).where(state.c.name == "feedback_rows").values(value=done)
            connection.execute(counted)


def describe_company() -> str:
    """How busy the machine was: the figures are to be read with it."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores when it ended"
