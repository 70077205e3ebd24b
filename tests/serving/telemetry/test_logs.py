"""What serving logs: JSON, one line for a request, and nothing of what people send."""

import json
import logging
import sys

import pytest

from pipeline.ecs_log import FIELDS
from serving.telemetry.logs import JsonFormatter, TerminalFormatter
from tests.support.processes.servers import serving, wait_for

SECRET_NUMBER, SECRET_TEXT = 12.34567891, "s3cr3t-plan"


@pytest.fixture(scope="module")
def server(mixed, tmp_path_factory):
    with serving(mixed.copy(tmp_path_factory.mktemp("logs"))) as server:
        yield server


def test_every_line_is_json_with_a_level_and_a_time(server):
    lines = server.logged()
    assert lines
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


def test_a_request_is_one_line_with_its_id(server):
    server.client.get("/model", headers={"x-request-id": "my-own-id"})
    found = wait_for(lambda: [x for x in server.logged() if x.get("request_id") == "my-own-id"])
    (line,) = found
    assert (line["method"], line["handler"], line["status"]) == ("GET", "/model", 200)
    assert line["ms"] > 0


def test_neither_features_nor_labels_are_logged(server):
    row = [SECRET_NUMBER, SECRET_NUMBER, SECRET_TEXT, True, SECRET_NUMBER]
    for features in (row, row[:3], [SECRET_TEXT] * 5):
        server.client.post("/predict", json={"features": features})
        body = {"features": features, "prediction": "0", "target": SECRET_TEXT}
        server.client.post("/feedback", json=body)
    server.client.post("/predict", content=SECRET_TEXT.encode())
    server.client.post("/predict/file", files={"file": ("x.csv", f"age\n{SECRET_TEXT}".encode())})
    server.client.get(f"/{SECRET_TEXT}?{SECRET_TEXT}=1")
    server.client.get("/livez", headers={"x-request-id": "the-end"})
    text = server.log.read_text()
    assert SECRET_TEXT not in text
    assert str(SECRET_NUMBER) not in text


def test_health_checks_are_not_logged(server):
    assert not [line for line in server.logged() if line.get("handler") == "/livez"]


@pytest.mark.slow
def test_under_ecs_every_line_has_the_names_of_the_schema(cancer, tmp_path):
    with serving(cancer.copy(tmp_path, LOGS__FORMAT="ecs")) as server:
        server.client.get("/model", headers={"x-request-id": "my-own-id"})
        found = wait_for(lambda: [one for one in server.logged() if one.get("trace.id")])
    assert found[0]["http.response.status_code"] == 200
    assert all({"@timestamp", "message", "log.level"} <= set(one) for one in server.logged())


@pytest.mark.slow
def test_two_workers_log_json_too(cancer, tmp_path):
    with serving(cancer.copy(tmp_path, SERVING__WORKERS="2")) as server:
        server.client.get("/model")
    assert server.logged()


def test_a_person_at_a_terminal_reads_a_line_with_the_fields_behind_it():
    record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", FIELDS: {"ms": 1.5}})
    assert TerminalFormatter("%(levelname)s %(message)s").format(record) == "INFO request ms=1.5"


def test_an_error_brings_its_traceback_along_in_the_same_line():
    try:
        raise OSError("no disk")
    except OSError:
        record = logging.makeLogRecord({"msg": "it failed", "exc_info": sys.exc_info()})
    line = json.loads(JsonFormatter().format(record))
    assert (line["event"], line["exception"].splitlines()[-1]) == ("it failed", "OSError: no disk")
