"""POST /explain and the importance of a version, over a real server."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from serving.helpers.explainer import (
    ExplainerProcess,
    ExplainQueueFull,
    ExplainTimeout,
    ExplanationRequest,
)
from tests.serving.routes.test_predict import MIXED, example
from tests.support.processes.servers import serving, wait_for


def explain(server, answer, **options):
    body = {"prediction_id": answer["prediction_id"]}
    return server.client.post("/explain", json=body, **options)


def test_a_prediction_is_explained_by_its_own_features_and_values(mixed_server):
    predicted = mixed_server.predict(MIXED)
    answer = explain(mixed_server, predicted).json()
    assert answer["prediction_id"] == predicted["prediction_id"]
    assert (answer["model_version"], answer["label"]) == ("0001", predicted["prediction"])
    assert {one["feature"]: one["value"] for one in answer["contributions"]} == MIXED


def test_contributions_add_up_to_the_probability_that_was_answered(mixed_server):
    predicted = mixed_server.predict(MIXED)
    answer = explain(mixed_server, predicted).json()
    assert answer["probability"] == pytest.approx(max(predicted["probabilities"].values()))
    total = answer["baseline"] + sum(one["contribution"] for one in answer["contributions"])
    assert total == pytest.approx(answer["probability"])


def test_the_largest_contribution_comes_first(cancer_server):
    answer = explain(cancer_server, cancer_server.predict(example(cancer_server))).json()
    sizes = [abs(one["contribution"]) for one in answer["contributions"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 30


def test_a_missing_value_and_a_category_never_seen_are_explained_too(mixed_server):
    predicted = mixed_server.predict({**MIXED, "income": None, "plan": "platinum"})
    values = {
        c["feature"]: c["value"] for c in explain(mixed_server, predicted).json()["contributions"]
    }
    assert (values["income"], values["plan"]) == (None, "platinum")


def test_an_image_is_explained_pixel_by_pixel(digits_server):
    answer = explain(digits_server, digits_server.predict(example(digits_server))).json()
    assert {one["feature"] for one in answer["contributions"]} == set(example(digits_server))


@pytest.mark.parametrize("prediction_id", ["0" * 32, "", "\0", "a b", "é"])
def test_a_prediction_that_is_not_on_record_is_not_found(cancer_server, prediction_id):
    answer = explain(cancer_server, {"prediction_id": prediction_id})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"prediction_id": 1}, {"prediction_id": "a", "x": 1}])
def test_a_body_of_another_form_is_refused(cancer_server, body):
    assert cancer_server.client.post("/explain", json=body).status_code == 422


@pytest.mark.slow
def test_with_keys_required_it_needs_one(cancer, tmp_path):
    with serving(cancer.copy(tmp_path, SERVING__REQUIRE_KEYS="true")) as server:
        nothing = server.client.post("/explain", json={"prediction_id": "0"})
        key = {"authorization": f"Bearer {server.installation.key('predict')}"}
        known = server.client.post("/explain", json={"prediction_id": "0"}, headers=key)
    assert (nothing.status_code, known.status_code) == (401, 404)


@pytest.fixture
def own_server(cancer, tmp_path):
    with serving(cancer.copy(tmp_path)) as server:
        yield server


@pytest.mark.slow
def test_the_version_that_predicted_explains_and_without_it_nobody_does(own_server):
    predicted = own_server.predict(example(own_server))
    own_server.installation.train()
    assert explain(own_server, predicted).json()["model_version"] == "0001"
    shutil.rmtree(own_server.installation.artifacts().place.versions / "0001")
    answer = explain(own_server, predicted)
    assert answer.status_code == 409
    assert "0001, which predicted this, is no longer kept" in answer.json()["error"]["message"]


@pytest.mark.slow
def test_a_damaged_version_is_refused_with_the_reason(own_server):
    predicted = own_server.predict(example(own_server))
    (own_server.installation.artifacts().place.versions / "0001" / "model.onnx").write_bytes(
        b"else"
    )
    answer = explain(own_server, predicted)
    assert answer.status_code == 409
    assert "not the file that was signed" in answer.json()["error"]["message"]


def children(server):
    listed = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    return [int(pid) for pid in listed.split()]


@pytest.mark.slow
def test_it_is_computed_in_a_process_of_its_own_that_steps_back(own_server):
    before = children(own_server)
    explain(own_server, own_server.predict(example(own_server)))
    (pid,) = set(children(own_server)) - set(before)
    nice = [os.getpriority(os.PRIO_PROCESS, process) for process in (own_server.pid, pid)]
    assert nice[1] == min(nice[0] + 10, 19)


@pytest.mark.slow
def test_its_process_ends_with_serving(own_server):
    explain(own_server, own_server.predict(example(own_server)))
    (pid,) = children(own_server)
    own_server.kill()
    wait_for(lambda: not is_alive(pid))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_when_its_process_is_killed_the_next_question_starts_another(own_server):
    predicted = own_server.predict(example(own_server))
    explain(own_server, predicted)
    (pid,) = children(own_server)
    os.kill(pid, 9)
    wait_for(lambda: not is_alive(pid))
    assert explain(own_server, predicted).status_code == 200


QUESTION = ExplanationRequest("0001", "a", [])
SLOW = (sys.executable, "-c", "import time; time.sleep(60)")
DYING = (sys.executable, "-c", "input()")
ANSWER = '{"type": "CannotExplain", "reason": "no"}'
QUICK = (sys.executable, "-c", f"import sys\nfor _ in sys.stdin: print('{ANSWER}', flush=True)")


def test_what_is_not_there_in_time_is_given_up_and_its_process_ended():
    async def ask():
        explainer = ExplainerProcess(SLOW, seconds=0.5)
        with pytest.raises(ExplainTimeout):
            await explainer.ask(QUESTION)
        return explainer.child.process

    assert asyncio.run(ask()) is None


def test_a_process_that_ends_before_its_answer_is_no_answer():
    async def ask():
        with pytest.raises(ExplainTimeout):
            await ExplainerProcess(DYING).ask(QUESTION)

    asyncio.run(ask())


def test_of_many_questions_one_is_worked_on_a_few_wait_and_the_rest_is_turned_away():
    async def ask():
        explainer = ExplainerProcess(SLOW, seconds=0.5, waiting=2)
        return await asyncio.gather(
            *(explainer.ask(QUESTION) for _ in range(5)), return_exceptions=True
        )

    kinds = [type(outcome) for outcome in asyncio.run(ask())]
    assert kinds == [
        ExplainTimeout,
        ExplainTimeout,
        ExplainTimeout,
        ExplainQueueFull,
        ExplainQueueFull,
    ]


def test_when_nobody_asks_for_a_while_its_process_ends():
    async def ask():
        explainer = ExplainerProcess(QUICK, idle_seconds=0.1)
        await explainer.ask(QUESTION)
        process = explainer.child.process
        await asyncio.wait_for(process.wait(), timeout=5)
        again = await explainer.ask(QUESTION)
        await explainer.stop()
        return again.reason

    assert asyncio.run(ask()) == "no"


@pytest.mark.slow
def test_the_importance_of_a_version_is_served_with_its_change_since_the_parent(own_server):
    first = own_server.client.get("/models/0001/importance").json()
    assert (first["version"], first["parent"], first["change"]) == ("0001", None, None)
    assert {f["feature"] for f in first["features"]} == set(example(own_server))
    own_server.installation.train()
    second = own_server.client.get("/models/0002/importance").json()
    assert second["parent"] == "0001"
    assert {c["change"] for c in second["change"]} == {0.0}


def test_images_have_a_picture_of_it_and_tables_none(digits_server, cancer_server):
    picture = digits_server.client.get("/models/0001/importance.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert cancer_server.client.get("/models/0001/importance.png").status_code == 404


@pytest.mark.parametrize("version", ["0009", "x", "..", "%00"])
def test_a_version_that_does_not_exist_has_no_importance(cancer_server, version):
    assert cancer_server.client.get(f"/models/{version}/importance").status_code == 404
