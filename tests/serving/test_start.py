"""The start of serving: what is imported when, and what maintenance does at once."""

import asyncio
import json
import os
import subprocess
import sys
import time

import httpx
import numpy as np
import pytest
from sqlalchemy import select, update

from pipeline.data.observation import encode_observation, example_of
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import BUSY_MILLISECONDS, SCHEMA_VERSION, connect, create_schema
from pipeline.store.encoding import pack
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.tables import predictions, state
from serving.recording.maintenance import LONG_WAL_PAGES, WAL_PAGES, StoreMaintenance
from serving.recording.spool import SUFFIX
from serving.service import make_service
from serving.telemetry.error_count import ErrorCount
from serving.telemetry.request_id_log import RequestIdLog
from tests.support.models_and_records.stores import records
from tests.support.processes.servers import ROOT, free_port, serving, wait_for

pytestmark = pytest.mark.slow  # processes that are started, stopped and killed

DAY = 86_400
WAL_BYTES, LONG_WAL_BYTES = WAL_PAGES * 4096, LONG_WAL_PAGES * 4096


def test_numpy_is_imported_only_once_its_threads_are_limited():
    """It reads OPENBLAS_NUM_THREADS at its import, which main() sets."""
    assert not imported_by("serving.server", "numpy")


def imported_by(module, other):
    check = f"import sys, {module}; sys.exit('{other}' in sys.modules)"
    return subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode


READY_TO_PREDICT = """
import sys, serving.server, serving.fast_path.protocol
from serving.application import create_app
app = create_app()
app._service.live.reload_if_changed()
assert app._service.live.model
late = {"sqlalchemy", "pysqlite3", "fastapi", "serving.schemas.bodies", "sklearn"}
print(sorted(late & sys.modules.keys()))
"""


def test_a_prediction_needs_neither_sqlalchemy_nor_fastapi(cancer):
    """They are two thirds of what a start imports; `serving/application.py` has them later."""
    command = [sys.executable, "-c", READY_TO_PREDICT]
    environment = os.environ | cancer.environment
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_what_was_predicted_before_the_store_was_open_is_recorded_then(cancer, tmp_path):
    installation = cancer.copy(tmp_path)
    service = make_service(installation.settings())

    async def predict():
        async with service.running():
            model = service.model
            row = encode_observation(model.schema, example_of(model.schema))
            answer = await service.predictor.predict(model, row, b"[1]")
            assert service.writer.spooled == 1
            await asyncio.to_thread(service.open_store)
            while service.writer.spooled:
                await asyncio.sleep(0.01)
        return json.loads(answer)["prediction_id"]

    predicted = asyncio.run(predict())
    engine = connect(service.settings.store)
    with engine.connect() as connection:
        assert connection.scalars(select(predictions.c.id)).all() == [predicted]
    engine.dispose()


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
    log = PredictionWriter(engine)
    maintenance = StoreMaintenance(engine, wanted, ErrorCount(), RequestIdLog())
    with engine.connect().execution_options(readonly=True) as reading:
        reading.execute(select(predictions)).all()
        write_large(log, 1, LONG_WAL_BYTES)
        maintenance.start()
        began, longest = time.monotonic(), 0.0
        while time.monotonic() - began < 1.0:
            start = time.monotonic()
            write_large(log, 1, 30)
            longest = max(longest, time.monotonic() - start)
        maintenance.stop()
    assert longest < BUSY_MILLISECONDS / 2000
    log.close()
    engine.dispose()


WITHOUT_ROUTES = (
    "from serving import fastapi_app, server; fastapi_app.create_api = None; server.main()"
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


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_store_of_no_known_kind_ends_the_process_with_a_sentence(cancer, tmp_path, workers):
    installation = cancer.copy(tmp_path, STORE__URL="mysql://host/name", SERVING__WORKERS=workers)
    said = ended(installation, "-m", "serving")
    assert "store.url is 'mysql://host/name': it must begin with" in said
    assert "Traceback" not in said


def test_a_store_of_a_later_boucle_ends_the_process_with_a_sentence(cancer, tmp_path, store_url):
    engine = connect(StoreSettings(url=store_url))
    create_schema(engine)
    with engine.begin() as connection:
        connection.execute(update(state).where(state.c.name == "schema_version").values(value=99))
    engine.dispose()
    said = ended(cancer.copy(tmp_path / "later", STORE__URL=store_url), "-m", "serving")
    known = f"this Boucle knows {SCHEMA_VERSION}"
    assert f"The store has schema 99, {known}: it was last used by a later one" in said
    assert "Traceback" not in said


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
