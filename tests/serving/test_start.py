"""The start of serving: what is imported when, and what upkeep does at once."""

import os
import subprocess
import sys
import time

import httpx
import numpy as np
from sqlalchemy import select

from pipeline.store.database import BUSY_MILLISECONDS, connect, create_schema
from pipeline.store.encoding import pack
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.tables import predictions
from serving.recording.maintenance import LONG_WAL_PAGES, WAL_PAGES
from serving.recording.spool import SUFFIX
from serving.service import make_service
from tests.support.servers import ROOT, free_port, serving, wait_for
from tests.support.stores import records

DAY = 86_400
WAL_BYTES, LONG_WAL_BYTES = WAL_PAGES * 4096, LONG_WAL_PAGES * 4096


def test_numpy_is_imported_only_once_its_threads_are_limited():
    """It reads OPENBLAS_NUM_THREADS at its import, which main() sets."""
    assert not imported_by("serving.server", "numpy")


def imported_by(module, other):
    check = f"import sys, {module}; sys.exit('{other}' in sys.modules)"
    return subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode


def write_large(log, days_ago, size):
    """A prediction of then with so large an observation; returns its id."""
    at, vector = time.time() - days_ago * DAY, pack(np.ones(2))
    number = f"{int(at * 1000):012x}{'0' * 20}"
    log.write([(number, at, "0001", "e", b"[1]" * (size // 3), vector, 0.0, "benign", vector)])
    return number


def test_old_predictions_are_forgotten_and_the_log_moves_into_the_database(cancer, tmp_path):
    installation = cancer.copy(tmp_path, STORE__KEEP_DAYS="30")
    engine = connect(installation.settings().store)
    create_schema(engine)
    log, database = PredictionWriter(engine), tmp_path / "store" / "boucle.db"
    ids = [write_large(log, days, WAL_BYTES) for days in (400, 31, 29)]
    assert database.stat().st_size < WAL_BYTES  # all of it is in the log still
    with serving(installation) as server:
        wait_for(lambda: records(server, predictions) == {ids[-1]})
        wait_for(lambda: database.stat().st_size > WAL_BYTES)
    log.close()
    engine.dispose()


def test_who_reads_for_long_keeps_nobody_from_writing(cancer, tmp_path):
    """The log is due to begin anew, and cannot while somebody reads what was before."""
    wanted = cancer.copy(tmp_path).settings()
    engine = connect(wanted.store)
    create_schema(engine)
    log, upkeep = PredictionWriter(engine), make_service(wanted).upkeep
    with engine.connect().execution_options(readonly=True) as reading:
        reading.execute(select(predictions)).all()
        write_large(log, 1, LONG_WAL_BYTES)
        upkeep.start()
        began, longest = time.monotonic(), 0.0
        while time.monotonic() - began < 1.0:
            start = time.monotonic()
            write_large(log, 1, 30)
            longest = max(longest, time.monotonic() - start)
        upkeep.stop()
    assert longest < BUSY_MILLISECONDS / 2000
    log.close()
    engine.dispose()


WITHOUT_ROUTES = (
    "import serving.app, serving.server; serving.app.create_api = None; serving.server.main()"
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


def test_what_workers_count_into_is_gone_with_them(cancer, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    with serving(cancer.copy(tmp_path, SERVING__WORKERS="2")) as server:
        assert list((tmp_path / "tmp").glob("boucle-metrics-*"))
        server.stop()
    assert not list((tmp_path / "tmp").glob("boucle-metrics-*"))


def test_it_starts_as_the_course_starts_it(cancer, tmp_path):
    """`cd serving && uvicorn api:app`."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "api:app", "--port", str(port)],
        cwd=ROOT / "serving",
        env=os.environ | cancer.copy(tmp_path).environment | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_for(lambda: answers(client))
            schema = client.get("/schema").json()
            features = {one["name"]: one["example"] for one in schema["features"]}
            answer = client.post("/predict", json={"features": features})
            assert answer.json()["prediction"] in schema["labels"]
    finally:
        process.terminate()
        process.wait()


def answers(client):
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
