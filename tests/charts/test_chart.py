"""What helm makes of the chart: golden files, schemas of Kubernetes, a policy scan, refusals."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.charts.rendering import CHART, GOLDEN, NAMES, objects, render, render_named, write_golden
from tests.support.processes.servers import ROOT

pytestmark = pytest.mark.chart
OLDEST, NEWEST = "1.31", "1.37"
NOT_SCANNED = {  # checkov's rule and why it does not hold here
    "CKV_K8S_8": "the trainer and the test have no port to ask; one that fails ends",
    "CKV_K8S_9": "likewise",
    "CKV_K8S_11": "a limit of CPU would slow predictions down while the node is idle",
    "CKV_K8S_15": "images that docker compose built are in no registry",
    "CKV_K8S_21": "the namespace is named at the install",
    "CKV_K8S_35": "credentials of a bucket are the variables that its tools read, see below",
    "CKV_K8S_40": "the image of PostgreSQL has a user of its own",
    "CKV_K8S_43": "images that docker compose built have no digest yet",
}


@pytest.fixture(autouse=True)
def helm():
    if shutil.which("helm") is None:
        pytest.skip("no helm here")


@pytest.fixture
def tools():
    folder = os.environ.get("CHART_TOOLS")
    if folder is None:
        pytest.skip("CHART_TOOLS names no folder with kubernetes-validate and checkov")
    return Path(folder)


def check(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chart_is_well_made():
    check("helm", "lint", "--strict", CHART)


@pytest.mark.parametrize("name", NAMES)
def test_a_change_is_seen(name):
    expected = (GOLDEN / f"{name}.yaml").read_text()
    assert write_golden(render_named(name)) == expected, "python -m tests.charts.rendering"


def test_with_secrets_of_your_own_the_same_values_give_the_same_text():
    assert render_named("existing-secrets") == render_named("existing-secrets")


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("name", NAMES)
def test_kubernetes_knows_every_field(name, version, tools, tmp_path):
    file = tmp_path / "objects.yaml"
    file.write_text(render_named(name))
    check(tools / "kubernetes-validate", "-k", version, "--strict", "--no-warn", file)


def test_a_policy_scan_finds_nothing_that_is_not_explained(tools, tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.yaml").write_text(render_named(name))
    options = ("--framework", "kubernetes", "--compact", "--quiet", "--skip-download")
    skipped = ("--skip-check", ",".join(NOT_SCANNED))
    check(tools / "checkov", "--directory", tmp_path, *options, *skipped)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("store.url=sqlite:///x", "SQLite, which serves one container only"),
        ("store.url=postgresql://a:b@c/d", "store.url holds a password"),
        ("store.url=postgresql://a@c/d", "postgres.enabled makes another"),
        ("postgres.enabled=false", "There is no store"),
        ("artifacts.url=https://host/bucket", "must begin with s3://, gs:// or az://"),
        ("artifacts.url=s3://key:secret@bucket", "holds no credentials"),
        ("artifacts.secret=mine", "artifacts.url names none"),
        ("ingress.enabled=true,ingress.host=a,serving.requireKeys=false", "requireKeys=true"),
        ("gateway.enabled=true,gateway.host=a,serving.requireKeys=false", "requireKeys=true"),
        ("serving.serviceType=NodePort,serving.requireKeys=false", "requireKeys=true"),
        ("ingress.enabled=true", "ingress.host is empty"),
        ("cronJobs.monitorDrift.enabled=true", "which files are compared"),
        ("config.retraining.evry=3", "additional properties 'evry' not allowed"),
        ("config.retraining.every=0", "minimum: got 0, want 1"),
        ("serving.replcas=3", "additional properties 'replcas' not allowed"),
        ("config.store.url=x", "additional properties 'url' not allowed"),
    ],
)
def test_what_would_go_wrong_later_is_refused_with_a_sentence(options, reason):
    with pytest.raises(ValueError, match=reason):
        render("--set", options)


def test_settings_are_those_of_config_toml(tmp_path, monkeypatch):
    found = objects(render_named("small"))
    config = next(one for one in found if "config.toml" in one.get("data", {}))
    file = tmp_path / "config.toml"
    file.write_text(config["data"]["config.toml"])
    monkeypatch.setenv("BOUCLE_CONFIG", str(file))
    from pipeline.settings import load_settings

    settings = load_settings()
    assert settings.dataset.source == "iris"
    assert settings.training.parameters == {"n_estimators": 50, "max_features": 0.5}
    assert isinstance(settings.training.parameters["n_estimators"], int)


def test_the_rules_are_those_of_the_stack_and_hold(tmp_path):
    found = objects(render_named("monitoring"))
    rules = next(one for one in found if one["kind"] == "PrometheusRule")
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(rules["spec"]))
    check("promtool", "check", "rules", file)
    told = {rule.get("alert") for group in rules["spec"]["groups"] for rule in group["rules"]}
    for path in ("prometheus/alerts/service.yml", "prometheus/alerts/model.yml"):
        for group in yaml.safe_load((ROOT / path).read_text())["groups"]:
            assert {rule["alert"] for rule in group["rules"]} - told <= {"Watchdog", "TargetDown"}


def test_without_the_operator_there_are_dashboards_alone():
    command = ["helm", "template", "loop", CHART, "--set", "monitoring.enabled=true"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kinds = {one["kind"] for one in objects(text)}
    assert "ServiceMonitor" not in kinds
    assert sum("dashboard" in one["metadata"]["name"] for one in objects(text)) == 3


def test_only_the_credentials_of_a_bucket_are_in_the_environment():
    """Every other secret is a file; the scan is told to leave that to this."""
    with_secret = {
        path.name
        for path in GOLDEN.glob("*.yaml")
        if re.search(r"secretKeyRef|secretRef", path.read_text())
    }
    assert with_secret
    assert all(name.startswith("bucket") for name in with_secret)
