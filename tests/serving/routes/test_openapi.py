"""OpenAPI: every operation with an example of its request and its answer, and with its errors."""

import pytest

from serving.schemas.bodies import Alerts, FeedbackBody, Observation, Rows

OPEN = {"/livez", "/readyz"}


@pytest.fixture(scope="module")
def described(cancer_server):
    return cancer_server.client.get("/openapi.json").json()


def operations(described):
    for path, found in described["paths"].items():
        for method, operation in found.items():
            yield f"{method.upper()} {path}", operation


def has_example(described, media):
    schema = media.get("schema", {})
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return "example" in media or "examples" in media or "examples" in schema


def test_every_endpoint_of_the_design_is_described(described):
    assert {name for name, _ in operations(described)} >= {
        "POST /predict",
        "POST /predict/batch",
        "POST /predict/file",
        "POST /feedback",
        "GET /schema",
        "GET /model",
        "GET /models",
        "POST /models/{version}/activate",
        "POST /retrain",
        "GET /retrainings",
        "POST /alerts",
        "GET /livez",
        "GET /readyz",
        "GET /metrics",
    }


def test_every_answer_has_an_example(described):
    missing = [
        (name, status)
        for name, operation in operations(described)
        for status, answer in operation["responses"].items()
        for media in answer["content"].values()
        if not has_example(described, media)
    ]
    assert not missing


def test_every_json_body_has_an_example(described):
    missing = [
        name
        for name, operation in operations(described)
        for kind, media in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json" and not has_example(described, media)
    ]
    assert not missing


@pytest.mark.parametrize("body", [Observation, Rows, FeedbackBody, Alerts])
def test_the_examples_of_bodies_are_valid(body):
    for example in body.model_json_schema()["examples"]:
        body.model_validate(example)


def test_every_route_names_the_errors_that_it_may_give(described):
    for name, operation in operations(described):
        expected = set() if name.split()[1] in OPEN else {"401", "403"}
        if "requestBody" in operation:
            expected |= {"400", "408", "413", "422", "503"}
        assert expected <= set(operation["responses"]), name


def test_every_operation_says_what_it_does(described):
    assert all(operation["description"] for _, operation in operations(described))


def test_every_error_has_the_one_shape(described):
    for name, operation in operations(described):
        for status, answer in operation["responses"].items():
            if status >= "400":
                media = answer["content"]["application/json"]
                assert media["schema"] == {"$ref": "#/components/schemas/Error"}, name
                assert set(media["example"]["error"]) == {
                    "code",
                    "message",
                    "request_id",
                    "details",
                }


def test_the_page_about_it_is_there(cancer_server):
    assert "swagger" in cancer_server.client.get("/docs").text
