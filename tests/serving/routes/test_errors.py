"""What is refused, and how: the codes, one shape for all, and never an echo."""

import contextlib
import re
import socket

import pytest

SECRET = "s3cr3tvalue"
DEEP = b"[" * 100_000


def example(server):
    return [f["example"] for f in server.client.get("/schema").json()["features"]]


def post(server, content, path="/predict", kind="application/json"):
    return server.client.post(path, content=content, headers={"content-type": kind})


def error(answer, status, code):
    """The one shape of every error."""
    found = answer.json()["error"]
    assert (answer.status_code, found["code"]) == (status, code), answer.text
    assert set(found) == {"code", "message", "request_id", "details"}
    assert found["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text
    return found


def speak(server, *parts, wait=b""):
    """What the server answers to raw bytes; the second part follows once `wait` has come."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        answer = b""
        for part in parts:
            connection.sendall(part)
            while wait and wait not in answer and (got := connection.recv(65536)):
                answer += got
        with contextlib.suppress(ConnectionError):
            while got := connection.recv(65536):
                answer += got
    return answer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"not json",
        b'{"features": [NaN]}',
        b'{"features": [Infinity]}',
        b'{"features": [-Infinity]}',
        b'{"features": [1e400]}',
        b'{"features": [' + b"9" * 5000 + b"]}",
        b'{"features": ["\\ud800"]}',
        b'{"features": ["\xff"]}',
        b'{"features": ' + DEEP,
        b'{"features": ' + DEEP + b"]" * len(DEEP) + b"}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_json_is_malformed(cancer_server, content):
    answer = post(cancer_server, content)
    assert answer.status_code in (400, 422) if not content else answer.status_code == 400
    error(answer, answer.status_code, {400: "malformed", 422: "invalid"}[answer.status_code])


@pytest.mark.parametrize("value", ["1e39", "-1e308", "9" * 60, f'"{SECRET}"', "true", "[]", "{}"])
@pytest.mark.parametrize("named", [True, False])
def test_a_value_that_is_no_number_is_refused_by_name(cancer_server, value, named):
    schema = cancer_server.client.get("/schema").json()
    names = [feature["name"] for feature in schema["features"]]
    values = [value, *(str(x) for x in example(cancer_server)[1:])]
    pairs = [f'"{name}":{x}' for name, x in zip(names, values, strict=True)]
    features = "{" + ",".join(pairs) + "}" if named else "[" + ",".join(values) + "]"
    found = error(post(cancer_server, f'{{"features": {features}}}'), 422, "invalid")
    assert found["details"][0]["field"] == names[0]


def test_a_category_with_nul_is_refused_or_taken_but_never_fails(mixed_server):
    answer = mixed_server.client.post("/predict", json={"features": [1, 2, "a\0b", True, 3]})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({}, "body"),
        ({"features": None}, "body"),
        ({"features": []}, "features"),
        ({"features": [1.0] * 31}, "features"),
        ({"features": "text"}, "body.features"),
        ({"features": [1.0], "image": "aGk="}, "body"),
        ({"image": 5}, "body.image"),
        ({"features": [1.0], SECRET: 1}, "body"),
        ({"features": {"area": 1}}, "area_error"),
    ],
)
def test_a_body_of_another_form_is_refused_and_says_where(cancer_server, body, field):
    found = error(cancer_server.client.post("/predict", json=body), 422, "invalid")
    assert found["details"][0]["field"].startswith(field)


def test_an_unknown_feature_is_named_and_shortened(cancer_server):
    schema = cancer_server.client.get("/schema").json()
    features = {f["name"]: f["example"] for f in schema["features"]}
    answer = cancer_server.client.post("/predict", json={"features": {**features, "x" * 99: 1}})
    reason = error(answer, 422, "invalid")["details"][0]["reason"]
    assert reason == f"hold 1 that GET /schema does not list: '{'x' * 60}'"


def test_a_missing_feature_is_named(cancer_server):
    schema = cancer_server.client.get("/schema").json()
    features = {f["name"]: f["example"] for f in schema["features"][1:]}
    answer = cancer_server.client.post("/predict", json={"features": features})
    detail = {"field": "mean_radius", "reason": "is missing (1 missing; null says unknown)"}
    assert error(answer, 422, "invalid")["details"] == [detail]


def test_json_sent_as_something_else_says_what_to_send(cancer_server):
    found = error(post(cancer_server, b'{"features": [1]}', kind="text/plain"), 422, "invalid")
    assert "Content-Type: application/json" in found["message"]


def test_an_unknown_path_is_not_found(cancer_server):
    found = error(cancer_server.client.get(f"/{SECRET}"), 404, "not_found")
    assert "/docs" in found["message"]
    error(cancer_server.client.get("/models/%00%ff/activate"), 405, "method_not_allowed")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_another_method_is_not_allowed(cancer_server, method):
    answer = cancer_server.client.request(method, "/predict")
    error(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_large_body_is_refused_by_its_declared_length(cancer_server):
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n"
    answer = speak(cancer_server, head + b"expect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413") and b'"too_large"' in answer


def test_a_large_body_is_refused_while_it_streams(cancer_server):
    def stream():
        for _ in range(30):
            yield b" " * 1_000_000

    answer = cancer_server.client.post(
        "/predict", content=stream(), headers={"content-type": "application/json"}
    )
    error(answer, 413, "too_large")


def test_bytes_that_are_no_http_are_answered_in_the_same_shape(cancer_server):
    answer = speak(cancer_server, b"\x16\x03\x01 hello\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400") and b'"code":"malformed"' in answer


@pytest.mark.parametrize("given", ["abc-1.2_3", None, "no spaces", "x" * 65, 'a"b'])
def test_a_sane_request_id_is_kept_and_any_other_replaced(cancer_server, given):
    headers = {"x-request-id": given} if given else {}
    for path in ("/livez", "/nowhere"):
        found = cancer_server.client.get(path, headers=headers).headers["x-request-id"]
        assert (found == given) == (given == "abc-1.2_3")
        assert re.fullmatch("[A-Za-z0-9._-]{1,64}", found)
