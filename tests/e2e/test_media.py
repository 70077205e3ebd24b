"""The course's walk with sounds, with films and with a network: from a folder to a promotion."""

import base64
import io
import itertools
import json

import numpy as np
import pytest
from PIL import Image

from pipeline.datasets import made_files
from scripts.cli.api_client import open_api_client
from scripts.simulation.load_generator import LoadGenerator
from scripts.simulation.row_source import make_world
from scripts.simulation.scenarios import get_scenario
from tests.support.made_data.networks import save_picture_network
from tests.support.models_and_records.installations import make_installation
from tests.support.processes.servers import serving, wait_for
from tests.support.processes.trainers import training

pytestmark = pytest.mark.slow
pytest.importorskip("av", reason="needs PyAV; make media installs it")

EVERY = 16
LABELS = {"tones": 8, "moves": 8, "pictures": 3}


def draw_pictures(folder):
    """Red, green and blue ones, with noise."""
    random = np.random.default_rng(0)
    for channel, label in enumerate(("blue", "green", "red")):
        (folder / label).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(0, 120, (20, 20, 3))
            pixels[:, :, 2 - channel] += 130
            Image.fromarray(pixels.astype(np.uint8)).save(folder / label / f"{number}.png")


@pytest.fixture(scope="module", params=LABELS)
def installation(request, tmp_path_factory):
    folder, knobs = tmp_path_factory.mktemp(request.param), {"EMBEDDING__METHOD": "features"}
    source = request.param
    if source == "pictures":
        draw_pictures(folder / "pictures")
        source = str(folder / "pictures")
        knobs["DATASET__EXTRACTOR"] = str(save_picture_network(folder / "backbone.onnx"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made_files, "COUNTS", {"tones": 96, "moves": 96})
        made = make_installation(folder, source, RETRAINING__EVERY=str(EVERY), **knobs)
    return made.with_knobs(RETRAINING__GATE="off", RETRAINING__PATIENCE_SECONDS="0")


@pytest.fixture(scope="module")
def server(installation):
    with serving(installation) as running, training(installation):
        yield running


@pytest.fixture(scope="module")
def kind(server):
    return server.client.get("/schema").json()["files"]["kind"]


@pytest.fixture(scope="module")
def samples(installation):
    paths = sorted((installation.folder / "data" / "samples").iterdir())
    return [(path.read_bytes(), path.stem.split("_")[1]) for path in paths]


def encode(content):
    return base64.b64encode(content).decode()


def ask(server, kind, content):
    return server.client.post("/predict", json={kind: encode(content)}).raise_for_status().json()


def test_files_are_answered_and_answers_retrain(server, kind, samples):
    right = 0
    for content, label in itertools.islice(itertools.cycle(samples), EVERY):
        predicted = ask(server, kind, content)
        right += predicted["prediction"] == label
        told = {"prediction_id": predicted["prediction_id"], "target": label}
        server.client.post("/feedback", json=told).raise_for_status()
    assert right > EVERY / 2
    wait_for(lambda: server.client.get("/model").json()["version"] == "0002", seconds=120)
    decision = server.client.get("/retrainings").json()["retrainings"][0]
    assert (decision["state"], decision["version"]) == ("promoted", "0002")


def test_all_ways_in_give_the_same_answer(server, kind, samples):
    content = samples[0][0]
    alone = ask(server, kind, content)["probabilities"]
    rows = {"rows": [{kind: encode(content)}]}
    batch = server.client.post("/predict/batch", json=rows).json()["predictions"]
    upload = server.client.post("/predict/file", files={"file": ("x.bin", content)}).json()
    assert alone == batch[0]["probabilities"] == upload["predictions"][0]["probabilities"]


def test_what_was_heard_or_seen_is_on_record(server, kind, samples):
    number = ask(server, kind, samples[0][0])["prediction_id"]
    headers = {"Authorization": f"Bearer {server.installation.key('feedback')}"}
    path = f"/predictions/{number}"
    record = server.client.get(path, headers=headers).json()
    assert list(record["features"]) == [
        feature["name"] for feature in server.client.get("/schema").json()["features"]
    ]
    picture = server.client.get(f"{path}/observation", headers=headers).content
    assert Image.open(io.BytesIO(picture)).width >= 16


def test_a_file_of_another_kind_is_refused_with_the_kind_that_is_taken(server, kind):
    other = "audio" if kind != "audio" else "image"
    answer = server.client.post("/predict", json={other: "AAAA"})
    assert answer.status_code == 422
    assert f"send {kind}" in json.dumps(answer.json())


def test_a_world_that_changed_costs_quality(server, kind):
    change = {"audio": "band", "video": "mirrored"}.get(kind)
    if change is None:
        return
    settings = server.installation.settings()
    caller = open_api_client(settings, f"http://127.0.0.1:{server.port}")
    traffic = LoadGenerator(caller, make_world(settings, 0), rate=500, delay=0)
    quality = [
        traffic.play(name, get_scenario(name, change), 40).balanced_accuracy
        for name in ("calm", "covariate")
    ]
    assert quality[1] < quality[0] - 0.15
