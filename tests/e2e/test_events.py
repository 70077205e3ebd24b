"""Events of a real serving and a real trainer, which is killed while predictions come in."""

import json
import time
from collections import Counter

import pytest
from sklearn.datasets import load_breast_cancer

from tests.support.processes.servers import serving, wait_for
from tests.support.processes.trainers import training

pytestmark = pytest.mark.slow
KILLS, EACH = 5, 40


def written(folder):
    path = folder / "events.ndjson"
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    return [json.loads(line) for line in whole.splitlines()]


def test_each_prediction_and_answer_is_an_event_once_though_the_trainer_is_killed(cancer, tmp_path):
    folder = tmp_path / "logs"
    knobs = {"LOGS__EVENTS": "true", "LOGS__FOLDER": str(folder)}
    installation = cancer.copy(tmp_path / "home", **knobs, RETRAINING__EVERY="1000")
    row = load_breast_cancer().data[0].tolist()
    asked = []
    with serving(installation) as server:
        for _ in range(KILLS):
            with training(installation) as trainer:
                for _ in range(EACH):
                    said = server.predict(row)
                    asked.append(said["prediction_id"])
                    body = {"prediction_id": asked[-1], "target": said["prediction"]}
                    server.client.post("/feedback", json=body).raise_for_status()
                time.sleep(0.7)
                trainer.kill()
        with training(installation):
            wait_for(lambda: len(written(folder)) >= 2 * len(asked))
    ids = Counter((one["event.dataset"], one["event.id"]) for one in written(folder))
    assert max(ids.values()) == 1
    told = {number for dataset, number in ids if dataset == "boucle.prediction"}
    assert told == set(asked)
    assert sum(dataset == "boucle.feedback" for dataset, _ in ids) == len(asked)
    (probabilities,) = {
        tuple(one["boucle.prediction.probabilities"])
        for one in written(folder)
        if "boucle.prediction.probabilities" in one
    }
    assert sorted(probabilities) == ["benign", "malignant"]
