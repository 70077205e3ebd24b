"""A version as a model of MLflow predicts as serving does, whatever its features are."""

import json
import subprocess
import sys

import pytest

from scripts.tracking.model_folder import write_model_folder
from tests.support.models_and_records.installations import make_installation, write_mixed_table
from tests.support.processes.servers import Server

pytestmark = pytest.mark.tracking

LOAD = """
import json, sys
import mlflow, pandas as pd
model = mlflow.pyfunc.load_model("model")
found = model.predict(pd.DataFrame(json.load(sys.stdin)))
print(found.to_json(orient="records"))
"""


@pytest.fixture(params=["breast_cancer", "digits", "mixed"])
def installation(request, tmp_path):
    source, knobs = request.param, {}
    if source == "mixed":
        source, knobs = str(tmp_path / "mixed.csv"), {"DATASET__TARGET": "churned"}
        write_mixed_table(tmp_path / "mixed.csv")
    return make_installation(tmp_path / "boucle", source, **knobs)


def test_it_predicts_what_serving_does(installation, tmp_path):
    pytest.importorskip("mlflow")
    version = installation.artifacts().current()
    (tmp_path / "model").mkdir()
    write_model_folder(version, tmp_path / "model", "0" * 32, "3.17.2")
    serving = Server(installation).start()
    try:
        features = serving.client.get("/schema").json()["features"]
        row = {one["name"]: one["example"] for one in features}
        numbers = [one["name"] for one in features if one["type"] in ("number", "integer")]
        words = [one["name"] for one in features if one["type"] == "category"]
        row |= {name: str(row[name]) for name in words}  # as the model's signature wants them
        rows = [row, {**row, numbers[0]: 1.5}]
        if version.manifest["schema"]["kind"] == "tabular":
            rows.append({**row, numbers[-1]: None})
        told = [serving.predict(one) for one in rows]
    finally:
        serving.client.close()
        serving.stop()
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        input=json.dumps(rows),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for here, there in zip(found, told, strict=True):
        assert here["prediction"] == there["prediction"]
        for label, share in there["probabilities"].items():
            assert here[f"probability_{label}"] == pytest.approx(share)
