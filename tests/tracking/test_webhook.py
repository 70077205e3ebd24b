"""MLflow's webhook wakes the recorder when it is signed and fresh, and by nothing else."""

import threading
import time

import httpx
import pytest

from scripts.cli.command import CommandError
from scripts.tracking.webhook import is_authentic, start_webhook
from tests.support.processes.servers import free_port

SECRET = "a secret of the two"
BODY = b'{"entity": "model_version_alias", "action": "created", "data": {"alias": "champion"}}'
# as MLflow 3.17.2 signs it: HMAC-SHA256 of "delivery.timestamp.body"
HEADERS = {
    "X-MLflow-Delivery-Id": "d3c0",
    "X-MLflow-Timestamp": "1790000000",
    "X-MLflow-Signature": "v1,QmxOv6FyOYtmpi6VZqsh986W2fX9twpdt8Ay//h1BVU=",
}


@pytest.mark.parametrize(
    ("changed", "body", "now", "authentic"),
    [
        ({}, BODY, 1_790_000_010, True),
        ({}, BODY, 1_790_000_301, False),
        ({}, BODY, 1_789_999_600, False),
        ({}, BODY + b" ", 1_790_000_010, False),
        ({"X-MLflow-Timestamp": "1790000001"}, BODY, 1_790_000_010, False),
        ({"X-MLflow-Delivery-Id": "other"}, BODY, 1_790_000_010, False),
        ({"X-MLflow-Signature": ""}, BODY, 1_790_000_010, False),
        ({"X-MLflow-Timestamp": "now"}, BODY, 1_790_000_010, False),
    ],
)
def test_a_signature_is_of_the_body_the_delivery_and_a_moment_ago(changed, body, now, authentic):
    assert is_authentic(SECRET, {**HEADERS, **changed}, body, now) is authentic


def test_another_secret_signs_nothing():
    assert not is_authentic("another secret of two", HEADERS, BODY, 1_790_000_010)


@pytest.fixture
def listening(settings, tmp_path):
    """Its address, and the event that it sets."""
    file, woken = tmp_path / "secret", threading.Event()
    file.write_text(f"{SECRET}\n")
    knobs = {"tracking__webhook_port": str(free_port()), "tracking__webhook_secret_file": str(file)}
    server = start_webhook(settings(**knobs).tracking, woken.set)
    yield f"http://127.0.0.1:{server.server_port}", woken
    server.shutdown()
    server.server_close()


def test_what_is_not_signed_wakes_nobody(listening):
    url, woken = listening
    answers = [
        httpx.post(url, content=BODY, headers=HEADERS),  # of long ago
        httpx.post(url, content=b"x" * 70_000),
        httpx.get(url),
    ]
    assert [answer.status_code for answer in answers] == [401, 413, 501]
    assert not woken.is_set()


@pytest.mark.parametrize("content", ["", "short"])
def test_without_a_secret_there_is_no_webhook(settings, tmp_path, content):
    (tmp_path / "secret").write_text(content)
    knobs = {"tracking__webhook_port": "1", "tracking__webhook_secret_file": tmp_path / "secret"}
    with pytest.raises(CommandError):
        start_webhook(settings(**{k: str(v) for k, v in knobs.items()}).tracking, print)


def test_without_a_port_nothing_listens(settings):
    assert start_webhook(settings().tracking, print) is None


@pytest.mark.tracking
@pytest.mark.filterwarnings("ignore")  # MLflow warns of its own code
def test_mlflow_tells_of_a_moved_alias(listening, own_server):
    """A real server, which may not ask loopback addresses unless it is told so."""
    mlflow = pytest.importorskip("mlflow")
    url, woken = listening
    own_server.kill()
    own_server.start(MLFLOW_WEBHOOK_ALLOWED_SCHEMES="http", MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS="true")
    own_server.wait_until_up()
    client = mlflow.MlflowClient(own_server.url, own_server.url)
    client.create_webhook("boucle", url, ["model_version_alias.created"], secret=SECRET)
    client.create_registered_model("watched")
    client.create_model_version("watched", "s3://nowhere/model")
    assert not woken.is_set()
    began = time.monotonic()
    client.set_registered_model_alias("watched", "champion", "1")
    assert woken.wait(10)
    assert time.monotonic() - began < 10
