"""POST /predict and /predict/batch: what is accepted, and what the answer holds."""

import numpy as np
import pytest

from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of
from tests.support.models_and_records.installations import QUOTED

MIXED = {"age": 33, "income": 2500.5, "plan": "plus", "active": True, QUOTED: 16.5}


def example(server):
    return {f["name"]: f["example"] for f in server.client.get("/schema").json()["features"]}


def without_id(answer):
    return {name: value for name, value in answer.items() if name != "prediction_id"}


def test_an_answer_names_prediction_probabilities_and_version(cancer_server):
    answer = cancer_server.predict(example(cancer_server))
    assert set(answer) == {"prediction_id", "prediction", "probabilities", "model_version"}
    assert answer["model_version"] == "0001"
    assert answer["prediction"] == max(answer["probabilities"], key=answer["probabilities"].get)
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0)


def test_named_features_in_any_order_are_the_same_as_a_list(cancer_server):
    named = example(cancer_server)
    backwards = dict(reversed(named.items()))
    answers = [cancer_server.predict(x) for x in (named, backwards, list(named.values()))]
    assert without_id(answers[0]) == without_id(answers[1]) == without_id(answers[2])


def test_the_answer_is_that_of_the_pickled_model(cancer_server):
    sealed = cancer_server.installation.artifacts().open("0001")
    row = np.array([list(example(cancer_server).values())])
    vectors, _ = embedding_of(sealed).embed(row)
    _, probabilities = load_scorer(sealed).score(vectors)
    answer = cancer_server.predict(row[0].tolist())
    assert list(answer["probabilities"].values()) == pytest.approx(probabilities[0].tolist())


def test_null_stands_for_a_missing_value(mixed_server):
    answer = mixed_server.predict(dict.fromkeys(MIXED))
    assert answer["prediction"] in ("0", "1")


def test_a_category_never_seen_is_predicted_all_the_same(mixed_server):
    assert mixed_server.predict({**MIXED, "plan": "platinum"})["prediction"] in ("0", "1")


@pytest.mark.parametrize("plan", [7, 7.0, "7"])
def test_a_category_may_be_sent_as_number_or_text(mixed_server, plan):
    as_text = mixed_server.predict({**MIXED, "plan": "7"})
    assert without_id(mixed_server.predict({**MIXED, "plan": plan})) == without_id(as_text)


@pytest.mark.parametrize("active", [True, 1])
def test_a_boolean_may_be_sent_as_one_or_zero(mixed_server, active):
    expected = without_id(mixed_server.predict(MIXED))
    assert without_id(mixed_server.predict({**MIXED, "active": active})) == expected


def test_a_batch_is_answered_in_its_order(cancer_server):
    middle = example(cancer_server)
    rows = [{name: value * share for name, value in middle.items()} for share in (0.5, 1, 2, 3)]
    answers = cancer_server.client.post("/predict/batch", json={"rows": rows}).json()["predictions"]
    assert [without_id(x) for x in answers] == [without_id(cancer_server.predict(x)) for x in rows]
    assert len({answer["prediction_id"] for answer in answers}) == 4


def test_a_batch_may_mix_names_lists_and_wrapped_features(cancer_server):
    row = example(cancer_server)
    rows = [row, list(row.values()), {"features": row}]
    answers = cancer_server.client.post("/predict/batch", json={"rows": rows}).json()["predictions"]
    assert len({answer["prediction"] for answer in answers}) == 1


def test_a_wrong_row_of_a_batch_is_named(cancer_server):
    row = list(example(cancer_server).values())
    answer = cancer_server.client.post("/predict/batch", json={"rows": [row, row[1:]]})
    assert answer.status_code == 422
    detail = {"field": "rows.1.features", "reason": "29 values given, 30 expected"}
    assert answer.json()["error"]["details"] == [detail]


@pytest.mark.parametrize(("rows", "status"), [(1000, 200), (1001, 422), (0, 422)])
def test_a_batch_has_up_to_1000_rows(mixed_server, rows, status):
    answer = mixed_server.client.post("/predict/batch", json={"rows": [MIXED] * rows})
    assert answer.status_code == status


def test_the_schema_says_what_a_form_needs(mixed_server):
    schema = mixed_server.client.get("/schema").json()
    assert (schema["kind"], schema["target"], schema["labels"]) == (
        "tabular",
        "churned",
        ["0", "1"],
    )
    types = {feature["name"]: feature["type"] for feature in schema["features"]}
    assert types == dict(
        zip(MIXED, ["integer", "number", "category", "boolean", "number"], strict=True)
    )
    plan = next(feature for feature in schema["features"] if feature["name"] == "plan")
    assert plan["categories"] == ["7", "basic", "plus"]


def test_many_features_may_stand_alone(cancer_server):
    """More names than a body may have otherwise."""
    row = example(cancer_server)
    alone, named = (cancer_server.client.post("/predict", json=b) for b in (row, {"features": row}))
    assert alone.status_code == 200, alone.text
    assert alone.json()["probabilities"] == named.json()["probabilities"]


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
def test_many_names_that_mean_nothing_are_refused_together(cancer_server, path):
    body = {f"name {n}": n for n in range(50_000)}
    assert cancer_server.client.post(path, json={"features": {}, **body}).status_code == 422
    assert cancer_server.client.post(path, json=body).status_code == 422
