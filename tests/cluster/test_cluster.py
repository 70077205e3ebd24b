"""The loop in a real cluster, from the install to what stays after the uninstall; prints a table.

The tests stand in the order in which a release lives. `.ci/kubernetes` makes the cluster.
"""

import json
import threading
import time
from collections import Counter

import pytest
import requests

from tests.cluster.kubernetes import (
    CHART,
    RELEASE,
    SPACE,
    Api,
    environment,
    get,
    helm,
    kubectl,
    pods,
    run,
    seconds_to_ready,
    wait_for,
)
from tests.cluster.traffic import Traffic

pytestmark = pytest.mark.cluster
EVERY = 20
VALUES = {
    "image": {"tag": environment()["OLD_TAG"]},
    "config": {"dataset": {"source": "iris"}, "retraining": {"every": EVERY}},
    "serving": {"autoscaling": {"minReplicas": 2, "calmSeconds": 15}},
    "cronJobs": {"report": {"enabled": True, "schedule": "* * * * *"}},
}
FIGURES: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def table():
    yield
    width = max(map(len, FIGURES), default=0)
    print("\n" + "\n".join(f"{what:{width}}  {figure}" for what, figure in FIGURES.items()))


def install(values, command="install"):
    options = ["--values", environment()["STORAGE_VALUES"], "--wait", "--timeout", "4m"]
    for name, value in values.items():
        options += ["--set-json", f"{name}={json.dumps(value)}"]
    return helm(command, RELEASE, str(CHART), *options)


@pytest.fixture(scope="module")
def api():
    return Api()


@pytest.fixture(scope="module")
def observation(api):
    features = api.json("GET", "/schema")["features"]
    values = [feature["example"] for feature in features]
    said = api.json("POST", "/predict", json={"features": values})
    return values, said["prediction"]


def answer(api, observation, times):
    values, label = observation
    for _ in range(times):
        number = api.json("POST", "/predict", json={"features": values})["prediction_id"]
        api.json("POST", "/feedback", json={"prediction_id": number, "target": label})


def versions_live():
    """What each replica says."""
    return {Api(pod["status"]["podIP"]).json("GET", "/readyz")["model_version"]
            for pod in pods("serving-api")}  # fmt: skip


def decisions(api):
    return api.json("GET", "/retrainings?limit=1000")["retrainings"]


def idle(api):
    return all(one["state"] not in ("queued", "running") for one in decisions(api))


def test_install_to_ready():
    run("kubectl", "create", "namespace", SPACE)
    policy = "pod-security.kubernetes.io/enforce=restricted"
    run("kubectl", "label", "namespace", SPACE, policy)
    began = time.monotonic()
    install(VALUES)
    FIGURES["install to all ready"] = f"{time.monotonic() - began:.0f} s"
    slowest = max(seconds_to_ready(pod) for pod in pods("serving-api"))
    FIGURES["a serving pod from scheduled to ready, beside the first training"] = f"{slowest:.0f} s"


def test_a_prediction_and_its_answer():
    assert "Succeeded" in helm("test", RELEASE)


def test_a_retraining_goes_live_on_all_replicas(api, observation):
    remaining = api.json("GET", "/retrainings")["remaining"]
    answer(api, observation, remaining)
    done = wait_for(
        lambda: next((one for one in decisions(api) if one["state"] == "promoted"), None)
    )
    wait_for(lambda: versions_live() == {done["version"]})
    FIGURES["a promoted version on all replicas"] = f"{time.time() - done['finished_at']:.1f} s"
    assert time.time() - done["finished_at"] < 5


def test_a_new_serving_pod_is_ready_soon():
    kubectl("delete", "pod", pods("serving-api")[0]["metadata"]["name"], "--wait=false")
    wait_for(lambda: len(pods("serving-api")) == 2)
    newest = max(pods("serving-api"), key=lambda pod: pod["metadata"]["creationTimestamp"])
    FIGURES["a serving pod from scheduled to ready"] = f"{seconds_to_ready(newest):.0f} s"
    assert seconds_to_ready(newest) <= 10


def test_a_cron_job_writes_its_report(api, observation):
    answer(api, observation, 2)
    began = time.monotonic()

    def succeeded():
        jobs = [
            one for one in get("jobs")["items"] if f"{RELEASE}-report" in one["metadata"]["name"]
        ]
        return any(one["status"].get("succeeded") for one in jobs)

    wait_for(succeeded, seconds=240)
    FIGURES["a CronJob of every minute has run"] = f"after {time.monotonic() - began:.0f} s"
    found = kubectl("exec", f"deploy/{RELEASE}-reporting", "--", "ls", "files/reports")
    assert "latest.html" in found


def test_the_autoscaler_goes_up_under_load_and_back(api, observation):
    install(
        {**VALUES, "serving": {"autoscaling": {"minReplicas": 1, "calmSeconds": 15}}}, "upgrade"
    )
    wait_for(lambda: len(pods("serving-api")) == 1, seconds=300)
    values, _ = observation
    ended, began = threading.Event(), time.monotonic()

    def load():
        mine = Api()
        while not ended.is_set():
            try:
                mine.send("POST", "/predict/batch", json={"rows": [values] * 100})
            except requests.RequestException:
                mine = Api()

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: len(pods("serving-api")) == 4, seconds=300)
        up = time.monotonic() - began
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    began = time.monotonic()
    wait_for(lambda: len(pods("serving-api")) == 1, seconds=300)
    FIGURES["the autoscaler from 1 to 4 pods, and back"] = (
        f"{up:.0f} s, {time.monotonic() - began:.0f} s"
    )


def test_an_upgrade_and_a_rollback_that_nobody_notices(api, observation):
    install(VALUES, "upgrade")
    wait_for(lambda: len(pods("serving-api")) == 2, seconds=120)
    new = {
        **VALUES,
        "image": {"tag": environment()["NEW_TAG"]},
        "config": {**VALUES["config"], "reporting": {"window": 400}},
    }
    for what, act in (
        ("upgrade", lambda: install(new, "upgrade")),
        ("rollback", lambda: helm("rollback", RELEASE, "--wait", "--timeout", "4m")),
    ):
        with Traffic(*observation, predictions=100, feedbacks=20) as traffic:
            began = time.monotonic()
            act()
            took = time.monotonic() - began
            time.sleep(10)  # those of before end
        figure = f"{took:.0f} s, {traffic.sent} requests, failed: {dict(traffic.failed) or 0}"
        FIGURES[f"helm {what} at 100 predictions and 20 feedbacks a second"] = figure
        assert not traffic.failed


def test_pods_of_each_kind_die_for_a_minute(api, observation):
    kinds = ["serving-api", "trainer", "postgres", "reporting", "webapp"]
    killed = Counter()
    with Traffic(*observation, predictions=20, feedbacks=20) as traffic:
        end, turn = time.monotonic() + 60, 0
        while time.monotonic() < end:
            kind = kinds[turn % len(kinds)]
            for pod in pods(kind, ready=False)[:1]:
                name = pod["metadata"]["name"]
                kubectl("delete", "pod", name, "--grace-period=0", "--force", "--wait=false")
                killed[kind] += 1
            turn += 1
            time.sleep(5)
        wait_for(lambda: all(pods(kind) for kind in kinds))
    recorded = Counter(rows_of_feedback())
    lost = [one for one in traffic.acknowledged if not recorded[one]]
    doubled = [one for one, times in recorded.items() if times > 1]
    FIGURES[f"{sum(killed.values())} pods killed in a minute"] = (
        f"{len(traffic.acknowledged)} feedbacks acknowledged, {len(lost)} lost, "
        f"{len(doubled)} doubled; {sum(traffic.failed.values())} of {traffic.sent} requests failed"
    )
    assert (lost, doubled) == ([], [])


def rows_of_feedback():
    query = "SELECT prediction_id FROM feedback WHERE prediction_id IS NOT NULL"
    command = f"psql --username=boucle --dbname=boucle --tuples-only --no-align --command='{query}'"
    return kubectl("exec", f"{RELEASE}-postgres-0", "--", "sh", "-c", command).split()


def test_every_retraining_of_the_count_exactly_once(api):
    wait_for(lambda: idle(api), seconds=300)
    rows = len(rows_of_feedback())
    counted = [one for one in decisions(api) if one["trigger"] == f"every {EVERY} rows"]
    FIGURES["retrainings of the count"] = f"{len(counted)} for {rows} rows, every {EVERY}"
    assert len(counted) == rows // EVERY


def test_a_backup_is_brought_back(api, observation):
    kubectl("create", "job", "backup-now", f"--from=cronjob/{RELEASE}-backup")
    wait_for(lambda: get("job", "backup-now")["status"].get("succeeded"))
    found = kubectl("exec", f"deploy/{RELEASE}-reporting", "--", "ls", "files/backups").split()
    names = {name.partition(".")[0] for name in found}
    assert sorted(found) == [f"{name}.{ending}" for name in names for ending in ("dump", "tar.gz")]
    before = (versions_live(), len(rows_of_feedback()))
    answer(api, observation, 3)
    began = time.monotonic()
    install({**VALUES, "restore": {"from": names.pop()}}, "upgrade")
    jobs = ("jobs", "--selector", "app.kubernetes.io/component=backup")
    wait_for(lambda: all(one["status"].get("succeeded") for one in get(*jobs)["items"]))
    install(VALUES, "upgrade")
    FIGURES["a backup brought back"] = f"{time.monotonic() - began:.0f} s"
    assert (versions_live(), len(rows_of_feedback())) == before


def test_what_is_uninstalled_leaves_its_data():
    before = (versions_live(), len(rows_of_feedback()))
    helm("uninstall", RELEASE, "--wait", "--timeout", "3m")
    wait_for(lambda: not get("pods")["items"])
    install(VALUES)
    assert (versions_live(), len(rows_of_feedback())) == before
    FIGURES["uninstalled and installed again"] = (
        f"version {before[0].pop()}, {before[1]} rows, kept"
    )
