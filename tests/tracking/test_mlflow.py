"""Every decision is one run of MLflow, models load there, and its alias may decide."""

import fcntl
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline.store.decision_log import Decision, record_decision
from pipeline.store.tracked_runs import read_run_pages
from scripts.tracking.mlflow_sink import MlflowSink
from tests.support.processes.servers import Server
from tests.tracking.conftest import Tracked
from tests.tracking.waiting import wait_until

pytestmark = [
    pytest.mark.tracking,
    # MLflow's client leaves its connections open
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DECISIONS, KILLS = 200, 10
TRAINER = (sys.executable, "scripts/trainer.py")


def decide(loop, state, version=None, parent="0002"):
    with loop.engine.begin() as connection:
        decision = Decision(state, f"{state}: for a test", version, parent, {"recent": 0.9})
        record_decision(connection, "every 50 rows", decision)


def test_a_decision_is_one_run_whatever_is_killed(loop, own_server, recording):
    """The server, and the trainer, whose recorder ends with it and begins anew with the next."""
    chance, server = random.Random(0), own_server
    trainer = recording(server, command=TRAINER)
    tracked = Tracked(server, loop.settings.tracking.experiment)
    for place in range(DECISIONS):
        decide(loop, chance.choice(["rejected", "failed"]))
        if place % (DECISIONS // KILLS) == 7:
            time.sleep(chance.uniform(2, 9))  # a trainer and its recorder take four to begin
            trainer.kill()
            trainer = recording(server, command=TRAINER)
        if place % (DECISIONS // KILLS) == 13:
            time.sleep(chance.uniform(0.5, 2))
            server.kill()
            server.start()
    server.wait_until_up()
    wanted = DECISIONS + 2  # and the two trainings
    wait_until(lambda: len(tracked.finished()) >= wanted, 240)
    keys = Counter(run.data.tags["boucle.key"] for run in tracked.runs())
    assert set(keys.values()) == {1}
    assert len(keys) == wanted
    wait_until(lambda: tracked.aliases()["champion"] == "0002")
    assert tracked.aliases()["previous"] == "0001"
    trainer.kill()
    wait_until(lambda: is_free(lock_of(loop)))  # no recorder outlived the trainer that it was of


def test_a_server_that_is_away_delays_nobody(loop, own_server, recording):
    own_server.kill()
    recorder = recording(own_server)
    decide(loop, "rejected")
    time.sleep(3)
    assert recorder.process.poll() is None
    own_server.start().wait_until_up()
    tracked = Tracked(own_server, loop.settings.tracking.experiment)
    wait_until(lambda: len(tracked.finished()) == 3)


def test_a_run_says_what_was_decided_and_carries_what_was_made(
    loop, server, tracked, recording, tmp_path
):
    decide(loop, "rejected")
    report = tmp_path / "latest.html"
    report.write_text("<p>Drift</p>")
    os.utime(report, (0, 0))
    recording(server, REPORTING__REPORTS=str(tmp_path))
    (first,) = wait_until(lambda: tracked.finished(key="version-0001"))
    (rejected,) = wait_until(lambda: tracked.finished(decision="rejected"))
    assert first.data.metrics["holdout.balanced_accuracy"] > 0.8
    assert first.data.metrics["memory_mb"] > 50
    assert first.data.params["classifier"] == "RandomForestClassifier"
    assert "dataset.source" not in first.data.params  # it may be an address with a password
    assert rejected.data.tags["boucle.reason"] == "rejected: for a test"
    assert rejected.data.metrics["gate.recent"] == 0.9
    assert {file.path for file in tracked.client.list_artifacts(first.info.run_id)} == {
        *(
            "manifest.json",
            "importance.json",
            "confusion.png",
            "calibration.png",
            "report.html",
            "model",
        )
    }


LOAD = """
import json, sys
import pandas as pd, mlflow
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(f"models:/{sys.argv[2]}@champion")
found = model.predict(pd.read_json(sys.stdin))
print(found.to_json(orient="records"))
"""


def test_the_champion_predicts_what_serving_does(loop, server, tracked, recording, tmp_path):
    """A thousand rows, in a folder where nothing of ours lies."""
    recording(server)
    wait_until(lambda: tracked.aliases()["champion"] == loop.live)
    serving = Server(loop.installation).start()
    try:
        features = serving.client.get("/schema").json()["features"]
        chance = random.Random(1)
        rows = [
            {one["name"]: one["example"] * chance.uniform(0.5, 1.5) for one in features}
            for _ in range(1_000)
        ]
        answer = serving.client.post("/predict/batch", json={"rows": rows}).json()["predictions"]
    finally:
        serving.client.close()
        serving.stop()
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, server.url, tracked.name],
        input=json.dumps(rows),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    found = json.loads(loaded.stdout.splitlines()[-1])
    assert [one["prediction"] for one in found] == [one["prediction"] for one in answer]
    for label in loop.prepared.embedding.schema.labels:
        here = [one[f"probability_{label}"] for one in found]
        assert here == pytest.approx([one["probabilities"][label] for one in answer])


def test_the_alias_moved_by_hand_goes_live(loop, server, tracked, recording):
    recording(server, TRACKING__FOLLOW_ALIAS="true")
    both = {"champion": "0002", "previous": "0001", "challenger": "0002"}
    wait_until(lambda: tracked.aliases() == both)
    tracked.move_champion("0001")
    wait_until(lambda: loop.live == "0001", 10)
    decision = wait_until(lambda: loop.decisions()[0])
    assert (decision["version"], decision["actor"]) == ("0001", "MLflow")
    wait_until(lambda: tracked.finished(actor="MLflow"))


def test_each_version_links_to_the_run_that_made_it(loop, server, tracked, recording):
    decide(loop, "promoted", version="0002", parent="0001")
    decide(loop, "rolled back", version="0001", parent="0002")
    recording(server, TRACKING__MLFLOW_PAGE="https://mlflow.example.org")

    def pages():
        with loop.engine.connect() as connection:
            found = read_run_pages(connection)
        return found if len(found) == 2 else None

    ids = {version: url.rpartition("/")[2] for version, url in wait_until(pages).items()}
    assert all(
        url.startswith("https://mlflow.example.org/#/experiments/") for url in pages().values()
    )
    keys = {version: tracked.client.get_run(one).data.tags for version, one in ids.items()}
    assert keys["0002"]["boucle.decision"] == "promoted"


def test_without_following_the_alias_says_what_is_live(loop, server, tracked, recording):
    recording(server)
    wait_until(lambda: tracked.aliases()["champion"] == "0002")
    loop.artifacts.activate("0001")
    wait_until(lambda: tracked.aliases()["champion"] == "0001")


def test_each_report_is_a_point_of_a_curve(loop, server, tracked):
    sink = MlflowSink(server.url, tracked.name)
    sink.connect()
    for moment, share in ((1_790_000_000, 0.1), (1_790_000_000, 0.1), (1_790_003_600, 0.4)):
        sink.record_report(moment, {"drift_share": share})
    (run,) = [one for one in tracked.runs() if one.data.tags["boucle.key"] == "reports"]
    points = tracked.client.get_metric_history(run.info.run_id, "drift_share")
    assert [point.value for point in points] == [0.1, 0.4]


def test_a_recorder_ends_with_its_trainer(loop, server, tracked, recording):
    """Else the one of the next trainer would wait for it for ever."""
    module = "scripts.tracking.recorder"
    begin = (
        "import os, subprocess, sys; mine = ('--parent', str(os.getpid())); "
        f"subprocess.run([sys.executable, '-m', '{module}', *mine])"
    )
    recorder = recording(server, command=[sys.executable, "-c", begin])
    wait_until(lambda: tracked.aliases()["champion"] == "0002")
    recorder.kill()
    wait_until(lambda: is_free(lock_of(loop)))


def lock_of(loop):
    return Path(loop.settings.artifacts.folder) / ".tracking.lock"


def is_free(lock):
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
