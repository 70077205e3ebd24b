"""What `docker compose up` promises, asked of the running stack, from top to bottom.

.ci/stack starts it and runs these with `pytest -m stack`. Each test builds on those before it.
"""

import hashlib
import json
import re
import subprocess
import sys

import httpx
import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn.datasets import load_digits

from tests.deployment.test_policy import FOLDERS
from tests.deployment.test_telemetry import FOREIGN, documented, family
from tests.stack.containers import (
    ALERTMANAGER,
    EVIDENTLY,
    PROMETHEUS,
    SERVING,
    WEBAPP,
    alertmanager_login,
    client,
    compose,
    containers,
    get,
    ill,
    post,
    query,
    services,
    sql,
    wait_until,
)
from tests.support.processes.servers import ROOT
from tests.webapp.browser import find_chromium, open_browser

pytestmark = pytest.mark.stack

DIGITS = load_digits()
STARTED = {
    *("postgres", "serving-api", "trainer", "webapp", "exporter", "reporting"),
    *("prometheus", "alertmanager", "alert-log", "node-exporter", "docker-proxy"),
}

NOT_OURS = re.compile("^(up|ALERTS|python_|process_|scrape_)|_created$")
FOR_MANY_LABELS = {  # of one version, which here is soon followed by the next
    *("target_drift_p_value", "target_drift_detected", "target_drift_holds"),
    "concept_drift_detected",
}
WITH_DRIFT = {"drift_change", "drift_since_timestamp_seconds"}  # no feature has moved so far


def predict(pixels):
    body = {"rows": np.asarray(pixels).tolist()}
    return post(f"{SERVING}/predict/batch", body)["predictions"]


def tell(answers, targets):
    for answer, target in zip(answers, targets, strict=True):
        truth = {"prediction_id": answer["prediction_id"], "target": str(target)}
        post(f"{SERVING}/feedback", truth)


def decided(trigger):
    """The retrainings that were asked for by this and are over."""
    rows = get(f"{SERVING}/retrainings")["retrainings"]
    asked = [row for row in rows if row["trigger"].startswith(trigger)]
    return [row for row in asked if row["state"] in ("promoted", "rejected")]


def test_all_services_are_healthy_and_what_runs_once_has_ended_well():
    assert services().keys() >= STARTED
    assert ill() == {}
    once = {row["Service"]: row["ExitCode"] for row in containers() if row["State"] == "exited"}
    assert once == {"data": 0, "prepare": 0}


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_part_has_a_valid_compose_file_of_its_own(folder):
    """Its own compose file names all that it stands on."""
    compose("--file", f"{folder}/docker-compose.yml", "config", "--quiet")


def test_the_services_run_as_they_are_hardened():
    """What the compose files ask for is one thing, what the kernel was told another."""
    for name in ("serving-api", "trainer", "webapp", "exporter", "reporting"):
        status = compose("exec", "-T", name, "cat", "/proc/1/status")
        facts = dict(re.findall(r"^(\w+):\s+(\S+)", status, re.MULTILINE))
        wanted = ("10001", "0" * 16, "1")
        assert (facts["Uid"], facts["CapBnd"], facts["NoNewPrivs"]) == wanted, name


def test_the_pickles_of_the_live_version_are_on_the_host():
    live = get(f"{SERVING}/model")["version"]
    for name in ("model.pkl", "pca.pkl", "scaler.pkl"):
        sealed = f"artifacts/live/versions/{live}/{name}"
        inside = compose("exec", "-T", "trainer", "sha256sum", sealed)
        copy = (ROOT / "artifacts" / name).read_bytes()
        assert hashlib.sha256(copy).hexdigest() == inside.split()[0]


def test_feedback_leads_to_a_retraining():
    tell(predict(DIGITS.data[:210]), DIGITS.target[:210])
    wait_until(lambda: decided("every 50 rows"))


def test_prometheus_reads_every_service_that_was_started():
    targets = wait_until(lambda: query("up"))
    wanted = {row["metric"]["job"] for row in targets} & services().keys()
    wait_until(lambda: {row["metric"]["job"] for row in query("up == 1")} >= wanted)
    assert wanted >= {"serving-api", "reporting", "node-exporter"}


def test_prometheus_has_loaded_every_rule():
    groups = get(f"{PROMETHEUS}/api/v1/rules")["data"]["groups"]
    rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
    assert {"Watchdog", "DataDrift", "retrainings:decided"} <= rules.keys()
    assert {name: rule["lastError"] for name, rule in rules.items() if "lastError" in rule} == {}


def test_the_page_answers_a_click_on_a_sample():
    with open_browser(find_chromium()) as browser:
        page = browser.new_page()
        page.goto(f"{WEBAPP}/predict")
        page.locator(".st-key-samples button").first.click(timeout=60_000)
        sure = page.get_by_text(re.compile(r"sure · version 000\d")).first
        expect(sure).to_be_visible(timeout=60_000)


def evidently(path):
    """Its process starts when somebody asks."""
    wait_until(lambda: client.get(f"{EVIDENTLY}{path}").status_code != 503, 120)
    return get(f"{EVIDENTLY}{path}")


def test_the_evidently_project_holds_a_report():
    project = evidently("/api/v2/projects")[0]
    assert project["name"] == "Boucle"
    wait_until(lambda: evidently(f"/api/projects/{project['id']}/snapshots"))


def test_two_files_are_compared_in_the_container_of_reporting():
    """Of one with itself there is no drift, which the line and the exit code say."""
    same = ("--reference", "data/ref_data.csv", "--current", "data/ref_data.csv")
    command = ("python", "scripts/monitor_drift.py", *same)
    line = compose("exec", "-T", "reporting", *command).splitlines()[-1]
    assert "-> NO_ACTION" in line


def test_what_the_services_export_is_what_is_documented():
    """Both ways: no metric that docs/metrics.md does not know, and none missing."""

    def exported():
        names = set()
        for job in ("serving-api", "reporting"):
            url = f"{PROMETHEUS}/api/v1/label/__name__/values"
            names |= set(get(url, **{"match[]": f'{{job="{job}"}}'})["data"])
        own = {name for name in names if ":" not in name and not NOT_OURS.search(name)}
        return {family(name) for name in own}

    wanted = documented().keys()
    wait_until(lambda: wanted - FOR_MANY_LABELS - WITH_DRIFT <= exported())
    assert exported() <= wanted


def test_what_the_other_programs_export_is_what_panels_and_rules_read():
    for job, names in FOREIGN.items():
        if job in STARTED:
            assert not [name for name in names if not query(f'{name}{{job="{job}"}}')]


def test_drift_alerts_people_and_retrains():
    """Negatives of the digits, over two windows: reporting, Prometheus, Alertmanager, serving."""
    negatives = 16 - DIGITS.data
    predict(negatives[:600])
    wait_until(lambda: query("drift_alarm == 1"))
    wait_until(lambda: query("drift_change"))
    predict(negatives[600:1200])
    wait_until(lambda: query("drift_since_timestamp_seconds"))
    wait_until(lambda: decided("alert DataDrift"))
    lines = compose("logs", "--no-log-prefix", "alert-log").splitlines()
    heard = [json.loads(line[line.index("{") :]) for line in lines if '"DataDrift"' in line]
    assert [alert["severity"] for alert in heard] == ["ticket"]


def test_the_doctor_misses_only_what_was_not_started():
    command = [sys.executable, "-m", "scripts.stack.doctor"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wrong = set(re.findall(r"^WRONG ([\w ]+):", done.stdout, re.MULTILINE))
    assert wrong == {"services", "targets", "data source"}, done.stdout + done.stderr
    assert done.returncode == 1


def test_the_secrets_can_be_shown():
    shown = compose(
        "run", "--rm", "--no-deps", "prepare", "python", "scripts/stack/stack_secrets.py", "--show"
    )
    assert re.search(r"^api/admin.key +boucle_admin_\S+$", shown, re.MULTILINE)


def count_all():
    """Everything that must not be lost, as numbers that a restart must not make smaller."""
    project = evidently("/api/v2/projects")[0]["id"]
    return {
        "predictions": int(sql("select count(*) from predictions")),
        "feedback": int(sql("select count(*) from feedback")),
        "retrainings": int(sql("select count(*) from retrainings")),
        "versions": len(get(f"{SERVING}/models")["models"]),
        "readings": int(query("sum(count_over_time(up[1h]))")[0]["value"][1]),
        "silences": len(get(f"{ALERTMANAGER}/api/v2/silences", alertmanager_login())),
        "reports": len(evidently(f"/api/projects/{project}/snapshots")),
    }


def through_proxy(method, path):
    """What the proxy before the engine's socket answers, asked from within."""
    ask = (
        "import http.client as c; p = c.HTTPConnection('127.0.0.1', 2375, timeout=5); "
        f"p.request('{method}', '{path}'); a = p.getresponse(); print(a.status, a.read().decode())"
    )
    return compose("exec", "-T", "docker-proxy", "python", "-c", ask).split(" ", 1)


def test_the_engine_tells_the_names_of_containers_and_does_nothing():
    status, told = through_proxy("GET", "/containers/json")
    names = {name for one in json.loads(told) for name in one["Names"]}
    assert status == "200"
    assert any("serving-api" in name for name in names)
    assert through_proxy("POST", "/containers/create")[0] == "501"
    assert through_proxy("GET", "/secrets")[0] == "403"


def test_predictions_can_wait_on_disk_for_postgresql():
    """Their volume belongs to serving, or they would wait in memory and go with the container."""
    ask = "import os; print(os.access('store/spool', os.W_OK))"
    assert compose("exec", "-T", "serving-api", "python", "-c", ask).strip() == "True"


def test_the_user_of_our_services_owns_their_database_and_nothing_else():
    rights = (
        "select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = 'boucle'"
    )
    assert sql(rights) == "f"
    assert sql("select rolname from pg_roles where rolsuper") == "postgres"


def silence():
    matcher = {"name": "alertname", "value": "Never", "isRegex": False}
    times = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2100-01-01T00:00:00Z"}
    note = {"createdBy": "a test", "comment": "must outlive a restart"}
    body = {"matchers": [matcher], **times, **note}
    assert client.post(f"{ALERTMANAGER}/api/v2/silences", json=body).status_code == 401
    post(f"{ALERTMANAGER}/api/v2/silences", body, alertmanager_login())


@pytest.fixture(scope="module")
def before():
    silence()
    counts = count_all()
    assert min(counts.values()) > 0, counts
    return counts


def check_restart(before, *names):
    """Restart these, or all: every count must come back, though it need not be healthy yet."""
    live = get(f"{SERVING}/model")["version"]
    compose("restart", *names)
    after = wait_until(count_all)
    assert {name: after[name] for name in before if after[name] < before[name]} == {}
    assert get(f"{SERVING}/model")["version"] == live


@pytest.mark.parametrize("service", sorted(STARTED))
def test_a_restart_loses_nothing(before, service):
    check_restart(before, service)


def test_after_its_restart_each_is_healthy_again():
    wait_until(lambda: services().keys() >= STARTED and not ill())


def test_a_restart_of_all_at_once_loses_nothing(before):
    check_restart(before)
    wait_until(lambda: services().keys() >= STARTED and not ill())


def test_after_all_restarts_the_loop_still_turns():
    had = len(decided("every 50 rows"))
    fresh = DIGITS.data[100:160]
    tell(predict(fresh), DIGITS.target[100:160])
    wait_until(lambda: len(decided("every 50 rows")) > had)


def test_feedback_that_was_acknowledged_survives_the_death_of_the_database():
    answers = predict(DIGITS.data[200:230])
    sure = 0
    for answer, target in zip(answers, DIGITS.target[200:230], strict=True):
        if sure == 15:
            compose("kill", "--signal=KILL", "postgres")
        truth = {"prediction_id": answer["prediction_id"], "target": str(target)}
        try:
            sure += client.post(f"{SERVING}/feedback", json=truth).status_code == 201
        except httpx.HTTPError:
            continue
    compose("up", "--detach", "--no-recreate", "--wait", "postgres")
    ids = ",".join(f"'{answer['prediction_id']}'" for answer in answers)
    kept = int(sql(f"select count(*) from feedback where prediction_id in ({ids})"))
    assert sure >= 15
    assert kept >= sure
