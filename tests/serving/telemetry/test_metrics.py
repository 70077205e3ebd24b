"""GET /metrics, with one worker and with two."""

import pytest

from tests.support.processes.servers import serving

LABELS = 'method="POST",handler="{}",status="{}"'


@pytest.fixture(scope="module", params=["1", pytest.param("2", marks=pytest.mark.slow)])
def server(request, cancer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("metrics")
    with serving(cancer.copy(folder, SERVING__WORKERS=request.param)) as server:
        yield server


def ask(server, content, times, path="/predict"):
    for _ in range(times):
        with server.connect() as client:
            client.post(path, content=content, headers={"content-type": "application/json"})


def requests(server):
    """How many of each kind, whatever the order of the labels."""
    found = {}
    for name, number in server.metrics().items():
        if name.startswith("api_requests_total{"):
            pairs = sorted(name[len("api_requests_total{") : -1].split(","))
            found[tuple(pair.split("=")[1].strip('"') for pair in pairs)] = number
    return found


def test_every_answer_is_counted_once_over_all_workers(server):
    example = server.client.get("/schema").json()["features"]
    good = ('{"features":[' + ",".join(str(f["example"]) for f in example) + "]}").encode()
    before = requests(server)
    ask(server, good, 30)
    ask(server, b"{", 20)
    ask(server, b"{}", 10)
    after = requests(server)
    keys = [("/predict", "POST", status) for status in ("200", "400", "422")]
    assert [after[key] - before.get(key, 0) for key in keys] == [30, 20, 10]


def test_predictions_are_counted_by_label_and_version(server):
    def total():
        found = server.metrics()
        return sum(n for name, n in found.items() if name.startswith("predictions_total{"))

    before, features = (
        total(),
        [f["example"] for f in server.client.get("/schema").json()["features"]],
    )
    server.client.post("/predict/batch", json={"rows": [features] * 7})
    server.predict(features)
    assert total() - before == 8


def test_the_latency_is_measured_for_every_request(server):
    found, counted = server.metrics(), requests(server)
    seen = found['api_request_latency_seconds_count{handler="/predict"}']
    assert seen == sum(n for (handler, _, _), n in counted.items() if handler == "/predict")


def test_the_model_the_store_and_the_loop_are_described(server):
    found = server.metrics()
    (info,) = [name for name in found if name.startswith("model_info{")]
    assert 'version="0001"' in info and 'classifier="RandomForestClassifier"' in info
    assert found["store_up"] == 1
    assert found["store_spooled_rows"] == 0
    assert found["feedback_rows_until_retraining"] == 50
    assert found["model_created_timestamp_seconds"] > 1.7e9


def test_unknown_paths_and_methods_make_few_labels(server):
    for number in range(5):
        server.client.get(f"/nowhere/{number}")
        server.client.request(f"M{number}", "/predict")
    handlers = {(handler, method) for handler, method, _ in requests(server)}
    assert not [pair for pair in handlers if "nowhere" in pair[0] or pair[1].startswith("M")]


def test_the_content_type_is_that_of_prometheus(server):
    kind = server.client.get("/metrics").headers["content-type"]
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
