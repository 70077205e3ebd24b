"""The start of serving: what is imported when, and what upkeep does at once."""

import os
import subprocess
import sys
import time

import numpy as np

from pipeline.packing import pack
from pipeline.prediction_log import PredictionLog
from pipeline.store import create_schema, open_store, predictions
from serving.spool import SUFFIX
from serving.upkeep import WAL_BYTES
from tests.servers import ROOT, free_port, serving, wait_for
from tests.stores import records

DAY = 86_400
LARGE = b"[1]" * (WAL_BYTES // 3)


def test_numpy_is_imported_only_once_its_threads_are_limited():
    """It reads OPENBLAS_NUM_THREADS at its import, which main() sets."""
    check = "import sys, serving.start; sys.exit('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_old_predictions_are_forgotten_and_the_log_moves_into_the_database(cancer, tmp_path):
    installation = cancer.copy(tmp_path, STORE__KEEP_DAYS="30")
    engine = open_store(installation.settings().store)
    create_schema(engine)
    log, database = PredictionLog(engine), tmp_path / "store" / "boucle.db"
    vector, ids = pack(np.ones(2)), []
    for days in (400, 31, 29):
        at = time.time() - days * DAY
        ids.append(f"{int(at * 1000):012x}{'0' * 20}")
        log.write([(ids[-1], at, "0001", "e", LARGE, vector, 0.0, "benign", vector)])
    assert database.stat().st_size < WAL_BYTES  # all of it is in the log still
    with serving(installation) as server:
        wait_for(lambda: records(server, predictions) == {ids[-1]})
        wait_for(lambda: database.stat().st_size > WAL_BYTES)
    log.close()
    engine.dispose()


WITHOUT_ROUTES = (
    "import serving.api, serving.start; serving.api.create_api = None; serving.start.main()"
)


def ended(installation, *command):
    """What a start that cannot succeed says until its end."""
    environment = os.environ | installation.environment
    environment["BOUCLE_SERVING__PORT"] = str(free_port())
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr


def test_a_start_that_fails_ends_the_process(cancer, tmp_path):
    installation = cancer.copy(tmp_path)
    (installation.settings().store.spool / f"no-file{SUFFIX}").mkdir(parents=True)
    assert "IsADirectoryError" in ended(installation, "-m", "serving")


def test_without_its_routes_the_process_ends(cancer, tmp_path):
    said = ended(cancer.copy(tmp_path), "-c", WITHOUT_ROUTES)
    assert "The routes cannot be made" in said
