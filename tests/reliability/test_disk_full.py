"""A disk that is full takes nothing: predictions still answer, and are on record once it is not."""

import contextlib
import os
import shutil
import subprocess

import pytest

from pipeline.store.tables import feedback, predictions
from tests.support.models_and_records.stores import records
from tests.support.processes.servers import serving, wait_for

pytestmark = pytest.mark.reliability
PIXELS = [3.0] * 64
ROWS = 40


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB."""
    folder = tmp_path / "store"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    mounted = os.getuid() == 0 and not subprocess.run(command, check=False).returncode
    if not mounted:
        pytest.skip("to make a small disk one must be root, and allowed to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full(folder):
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        file.write(bytes(shutil.disk_usage(folder).free))
        while file.write(bytes(512)):
            pass
    yield
    ballast.unlink()


def test_predictions_answer_feedback_is_refused_and_all_is_there_afterwards(digits, small_disk):
    with serving(digits.copy(small_disk.parent)) as server:
        before = server.predict(PIXELS)["prediction_id"]
        with full(small_disk):
            ids = [server.predict(PIXELS)["prediction_id"] for _ in range(ROWS)]
            body = {"prediction_id": before, "target": "7"}
            refused = server.client.post("/feedback", json=body)
            away = server.metrics()["store_up"]
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert away == 0
        wait_for(lambda: server.metrics()["store_up"] == 1)
        wait_for(lambda: server.metrics()["store_spooled_rows"] == 0)
        assert server.client.post("/feedback", json=body).status_code == 201
        assert {before, *ids} <= records(server, predictions)
        assert len(records(server, feedback)) == 1
