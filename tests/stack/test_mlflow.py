"""The profile `mlflow` beside the stack: its server is built from the package itself."""

import pytest

from tests.stack.containers import client, compose, get, services, sql, wait_until

pytestmark = pytest.mark.stack

MLFLOW = "http://127.0.0.1:5000"
PARTS = ("mlflow", "recorder")
EXPERIMENT = "boucle-digits"


@pytest.fixture(scope="module", autouse=True)
def mlflow():
    compose("--profile", "mlflow", "up", "--build", "--detach", "--wait", *PARTS)
    yield
    compose("--profile", "mlflow", "rm", "--stop", "--force", *PARTS)


def runs():
    found = get(f"{MLFLOW}/api/2.0/mlflow/experiments/get-by-name", experiment_name=EXPERIMENT)
    body = {"experiment_ids": [found["experiment"]["experiment_id"]], "max_results": 1_000}
    answer = client.post(f"{MLFLOW}/api/2.0/mlflow/runs/search", json=body)
    answer.raise_for_status()
    return [run for run in answer.json().get("runs", []) if run["info"]["status"] == "FINISHED"]


def test_both_are_well_and_only_this_machine_reaches_the_server():
    found = services()
    assert {found[name]["Health"] for name in PARTS} == {"healthy"}
    published = [port for port in found["mlflow"]["Publishers"] if port["PublishedPort"]]
    assert {port["URL"] for port in published} == {"127.0.0.1"}


def test_each_decision_is_a_run():
    decided = int(sql("SELECT count(*) FROM retrainings WHERE finished_at IS NOT NULL"))
    wait_until(lambda: len(runs()) > decided, 120)


def test_a_version_links_to_its_run_where_the_browser_finds_it():
    def links():
        models = get("http://127.0.0.1:8080/models")["models"]
        return [one["run_url"] for one in models if one["run_url"]]

    wait_until(links, 120)
    assert all(url.startswith(f"{MLFLOW}/#/experiments/") for url in links())


def test_a_name_that_is_not_the_servers_own_is_refused():
    search = f"{MLFLOW}/api/2.0/mlflow/experiments/get-by-name?experiment_name={EXPERIMENT}"
    assert client.get(search, headers={"Host": "evil.example"}).status_code == 403
