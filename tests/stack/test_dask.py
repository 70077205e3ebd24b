"""The profile `dask` beside the stack: a scheduler, and two workers that train."""

import pytest

from tests.stack.containers import compose, services

pytestmark = pytest.mark.stack

TRAIN = """
import numpy as np
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.engine import _connect
from pipeline.model.training import train
from pipeline.setting_tables import TrainingSettings

address = "tcp://dask-scheduler:8786"
print(len(_connect(address).scheduler_info()["workers"]), "workers")
values = np.random.default_rng(0).normal(size=(500, 3))
vectors = LabelledVectors(values, np.where(values[:, 0] > 0, "yes", "no"), "x", ("a", "b", "c"))
wanted = TrainingSettings(
    classifier="RandomForestClassifier", engine="dask", dask_scheduler=address
)
print("right", (train(vectors, wanted).model.predict(values) == vectors.targets).mean() > 0.9)
"""


@pytest.fixture(scope="module", autouse=True)
def dask():
    parts = ("dask-scheduler", "dask-worker")
    compose("--profile", "dask", "up", "--build", "--detach", "--wait", *parts)
    yield
    compose("--profile", "dask", "rm", "--stop", "--force", *parts)


def test_a_scheduler_and_two_workers_train():
    assert services()["dask-scheduler"]["Health"] == "healthy"
    run = ("run", "--rm", "--no-deps", "--workdir", "/app", "dask-worker")
    said = compose("--profile", "dask", *run, "python", "-c", TRAIN)
    assert "2 workers" in said
    assert "right True" in said
