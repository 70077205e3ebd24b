"""Telemetry is a contract: what panels and rules read is what services export."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from grafana.dashboards import FOLDER, render
from tests.deployment.test_policy import ROOT, SERVICES

# Not ours, under the names that their own documentation publishes.
FOREIGN = {
    "rules": {"ALERTS"},
    "prometheus": {"up", "scrape_duration_seconds", "prometheus_tsdb_head_series"},
    "alertmanager": {"alertmanager_notifications_total", "alertmanager_notifications_failed_total"},
    "fluent-bit": {"fluentbit_output_retries_total"},
    "node-exporter": {
        *("node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
        *("node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
        *("node_disk_read_bytes_total", "node_disk_written_bytes_total"),
        *("node_load1", "node_load15"),
    },
    "kube-state-metrics": {
        *("kube_job_status_failed", "kube_job_status_start_time"),
        *("kube_cronjob_next_schedule_time", "kube_cronjob_spec_suspend"),
    },
    "cadvisor": {
        *("container_cpu_usage_seconds_total", "container_memory_working_set_bytes"),
        *("container_spec_memory_limit_bytes", "container_start_time_seconds"),
    },
}
UNITS = {
    *("none", "short", "percentunit", "s", "bytes", "Bps", "reqps", "cps", "cpm", "sci"),
    *("bool_yes_no", "string"),
}
COURSE = {
    "up",
    "api_requests_total",
    "rate(api_requests_total[5m])",
    "rate(api_request_latency_seconds_sum[5m]) / rate(api_request_latency_seconds_count[5m])",
}
JOBS = ROOT / "charts/boucle/files/jobs.yml"  # the alerts of a cluster
PARTS = ("Meaning", "Impact", "Diagnosis", "Mitigation")
NOISE = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(by|on|ignoring|group_left) *\([^)]*\)')
WORDS = {"by", "on", "or", "and", "unless", "ignoring", "group_left", "offset"}


def load(path):
    return yaml.safe_load((ROOT / path).read_text())


def documented():
    """The metrics of docs/metrics.md with their labels; the stack's tests hold them to be true."""
    text = (ROOT / "docs/metrics.md").read_text()
    cells = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    found = re.findall(r"`(\w+)(?:\{([\w,]+)\})?`", " ".join(cells))
    return {name: set(labels.split(",")) - {""} for name, labels in found}


RULES = [
    rule
    for path in (*sorted((ROOT / "prometheus").glob("*s/*.yml")), JOBS)
    if path.parent.name != "tests"
    for group in load(path)["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
BOARDS = {name: json.loads(text) for name, text in render().items()}
PANELS = [panel for board in BOARDS.values() for panel in board["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
TESTS = sorted((ROOT / "prometheus/tests").glob("*.yml"))


def metrics_in(promql):
    names = re.findall(r"\b([a-zA-Z_][\w:]*)\b(?! *\()", NOISE.sub(" ", promql))
    return {name for name in names if name not in WORDS}


def family(name):
    return re.sub("_(bucket|sum|count)$", "", name)


def test_every_metric_that_is_read_is_exported():
    exported = documented().keys() | RECORDED | set().union(*FOREIGN.values())
    for promql in [*QUERIES, *(rule["expr"] for rule in RULES)]:
        assert {family(name) for name in metrics_in(promql)} <= exported, promql


def test_every_label_that_is_asked_for_is_exported():
    contract = documented()
    asked = re.compile(r"(\w+)\{([^}]+)\}")
    for promql in [*QUERIES, *(rule["expr"] for rule in RULES)]:
        for name, matchers in asked.findall(promql):
            labels = set(re.findall(r"(\w+)\s*[!=]", matchers)) - {"le", "job"}
            assert family(name) not in contract or labels <= contract[family(name)], promql


def _targets(job):
    if "dns_sd_configs" in job:  # a service that may not be there
        (found,) = job["dns_sd_configs"]
        return [f"{found['names'][0]}:{found['port']}"]
    return job["static_configs"][0]["targets"]


def test_every_scrape_target_is_a_service_by_the_name_of_its_job():
    jobs = load("prometheus/prometheus.yml")["scrape_configs"]
    targets = {job["job_name"]: _targets(job) for job in jobs}
    assert targets.keys() <= SERVICES.keys()
    assert {name: one.partition(":")[0] for name, (one,) in targets.items()} == {
        name: name for name in targets
    } | {"reporting": "exporter"}  # a part of it, whose series keep their job


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in ("page", "ticket", "none")
        assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks.md#{name.lower()}"


def test_every_alert_has_its_runbook_and_every_runbook_its_alert():
    text = (ROOT / "docs/runbooks.md").read_text()
    books = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE))
    assert books.keys() == ALERTS.keys()
    for name, book in books.items():
        parts = re.findall(r"^\*\*(\w+)\.\*\* \S", book, re.MULTILINE)
        assert tuple(part for part in parts if part != "Events") == PARTS, name


def test_the_committed_dashboards_are_what_the_generator_writes():
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == render()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_how_to_read_it(panel):
    defaults = panel["fieldConfig"]["defaults"]
    assert len(panel["description"]) > 15
    assert defaults["unit"] in UNITS
    assert defaults["thresholds"]["steps"]
    assert panel["datasource"]["uid"] == "boucle-prometheus"


def test_the_dashboards_read_the_data_source_that_is_provisioned():
    source = load("grafana/provisioning/datasources/prometheus.yml")["datasources"][0]
    assert (source["uid"], source["url"]) == ("boucle-prometheus", "http://prometheus:9090")


def test_the_queries_of_the_course_are_there():
    assert set(QUERIES) >= COURSE


def test_an_alert_that_retrains_reaches_serving_and_people():
    routes = load("prometheus/alertmanager.yml")["route"]["routes"]
    retrain = next(route for route in routes if route["receiver"] == "retrain")
    assert retrain["matchers"] == ['action="retrain"']
    assert retrain["continue"] is True
    assert routes[-1] == {"receiver": "people"}


@pytest.fixture(scope="module")
def promtool():
    return shutil.which("promtool") or pytest.skip("no promtool: on Debian apt install prometheus")


def test_the_configuration_is_valid(promtool):
    command = [promtool, "check", "config", "prometheus/prometheus.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow  # days of rules, evaluated each minute
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_alerts_fire_and_stay_silent(promtool, path):
    command = [promtool, "test", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tested_both_ways():
    tests = [test for path in TESTS for test in load(path)["tests"]]
    asked = [ask for test in tests for ask in test.get("alert_rule_test", ())]
    fires = {ask["alertname"] for ask in asked if ask["exp_alerts"]}
    silent = {ask["alertname"] for ask in asked if not ask["exp_alerts"]}
    assert fires == ALERTS.keys()
    assert silent == ALERTS.keys() - {"Watchdog"}  # which always fires
