"""Keys and scopes, and the door that stays shut."""

import json
import os
import subprocess
import sys

import pytest

from serving import keys
from serving.keys import load_keys
from tests.support.processes.servers import ROOT, serving

SCOPES = ("predict", "feedback", "alerts", "admin")
OPEN = {"/livez", "/readyz"}


@pytest.fixture(scope="module")
def server(cancer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    with serving(cancer.copy(folder, SERVING__REQUIRE_KEYS="true")) as server:
        yield server


def bearer(server, scope):
    return {"authorization": f"Bearer {server.installation.key(scope)}"}


def routes(server):
    """Every operation that OpenAPI knows, and the pages about it."""
    described = server.client.get("/openapi.json", headers=bearer(server, "predict")).json()
    for path, operations in described["paths"].items():
        for method in operations:
            yield method.upper(), path.replace("{version}", "0001")
    yield from [("GET", "/docs"), ("GET", "/openapi.json")]


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"features": [1]}'])
def test_every_route_but_the_health_checks_is_denied_without_a_key(server, content):
    headers = {"content-type": "application/json"}
    answers = {
        (method, path): server.client.request(method, path, content=content, headers=headers)
        for method, path in routes(server)
    }
    assert len(answers) > 12
    allowed = {path for (_, path), answer in answers.items() if answer.status_code != 401}
    assert allowed == OPEN
    denied = answers["POST", "/predict"]
    assert denied.json()["error"]["code"] == "key_missing"
    assert denied.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["wrong", "boucle_predict_", "é", "x" * 5000])
def test_a_wrong_key_is_refused(server, key):
    for name, value in (("authorization", f"Bearer {key}"), ("x-api-key", key)):
        headers = {name: value.encode()}
        assert server.client.get("/model", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/model", "predict"),
        ("GET", "/schema", "predict"),
        ("GET", "/metrics", "predict"),
        ("GET", "/docs", "predict"),
        ("POST", "/predict", "predict"),
        ("POST", "/predict/batch", "predict"),
        ("POST", "/predict/file", "predict"),
        ("POST", "/feedback", "feedback"),
        ("POST", "/models/9999/activate", "admin"),
    ],
)
def test_a_key_opens_its_own_scope_and_admin_opens_all(server, method, path, scope):
    for given in SCOPES:
        answer = server.client.request(method, path, headers=bearer(server, given))
        assert (answer.status_code == 403) == (given not in (scope, "admin")), given


def test_a_key_may_come_as_x_api_key(server):
    headers = {"x-api-key": server.installation.key("predict")}
    assert server.client.get("/model", headers=headers).status_code == 200


def test_a_prediction_with_its_key_takes_the_short_path_too(server):
    schema = server.client.get("/schema", headers=bearer(server, "predict")).json()
    features = [feature["example"] for feature in schema["features"]]
    answer = server.client.post(
        "/predict", json={"features": features}, headers=bearer(server, "predict")
    )
    assert answer.headers["x-request-id"] == answer.json()["prediction_id"]


def test_admin_needs_a_key_even_where_the_rest_is_open(cancer_server):
    assert cancer_server.client.get("/model").status_code == 200
    assert cancer_server.client.post("/models/0001/activate").status_code == 401
    allowed = cancer_server.client.post(
        "/models/0001/activate", headers=bearer(cancer_server, "admin")
    )
    assert allowed.json() == {"live": "0001"}


def test_keys_are_made_once_kept_hashed_and_private(server):
    folder = server.installation.folder / "secrets"
    made = load_keys(folder / "keys.json", required=True)
    assert all(server.installation.key(scope) not in made.digests.values() for scope in SCOPES)
    assert {(folder / f"{scope}.key").stat().st_mode & 0o777 for scope in SCOPES} == {0o600}
    assert load_keys(folder / "keys.json", required=True) == made


def start(installation):
    """Start serving that is expected to refuse; returns what it says."""
    command = [sys.executable, "-m", "serving"]
    environment = {**os.environ, **installation.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("knob", ["HOST", "PUBLISHED"])
def test_it_refuses_to_be_published_elsewhere_without_keys(cancer, knob):
    said = start(cancer.with_knobs(**{f"SERVING__{knob}": "0.0.0.0"}))
    assert said.startswith(f"serving.{knob.lower()} is '0.0.0.0', which others can reach")
    assert said.count("\n") == 1


def test_it_refuses_several_replicas_over_sqlite(cancer):
    assert "SQLite serves one container only" in start(cancer.with_knobs(SERVING__REPLICAS="2"))


def test_it_refuses_a_key_file_that_holds_none(cancer, tmp_path):
    (tmp_path / "keys.json").write_text("{}")
    said = start(cancer.with_knobs(SERVING__KEYS=str(tmp_path / "keys.json")))
    assert "holds no keys" in said


def test_it_says_who_makes_the_keys_where_it_cannot(cancer, tmp_path):
    """A container of serving alone once ended with a traceback: its secrets are mounted to read."""
    (tmp_path / "file").touch()
    said = start(cancer.with_knobs(SERVING__KEYS=str(tmp_path / "file" / "keys.json")))
    assert said.endswith("With docker compose the service prepare makes them.\n")
    assert said.count("\n") == 1


def test_of_two_first_starts_one_writes_all_keys(tmp_path, monkeypatch):
    """The other's would open nothing."""

    def lose(path, content):
        path.write_text(json.dumps(dict.fromkeys(SCOPES, "of the other")))
        return False

    monkeypatch.setattr(keys, "write_if_absent", lose)
    assert load_keys(tmp_path / "keys.json", True).digests["admin"] == "of the other"
    assert not list(tmp_path.glob("*.key"))
