"""The fast path and the FastAPI route give the same answers, and the fast path is taken."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.store.encoding import unpack
from serving.fast_path.endpoints import PredictEndpoint
from serving.fast_path.held_body import BodyDeadlines
from tests.serving.ways import good, named, request

numbers = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**40), 10**40),
    st.integers(0, 1),
)
texts = st.text(max_size=5) | st.sampled_from(["basic", "plus", "7", "yes", "", "\x00", "\ud800"])
others = st.booleans() | st.none() | texts | st.lists(st.integers(), max_size=2)
values = st.one_of(numbers, numbers, others, st.dictionaries(texts, st.integers(), max_size=1))
wrappings = st.sampled_from(
    ["features", "features", "features", "features", "image", "rows", "Features"]
)


@st.composite
def bodies(draw, both):
    """An observation that is good but for a few values, as a list or by name, sound or broken."""
    row = good(both)
    for place in draw(st.lists(st.integers(0, len(row) - 1), max_size=2)):
        row[place] = draw(values)
    row = row[: len(row) - draw(st.sampled_from([0] * 8 + [1]))]
    row += draw(st.sampled_from([[]] * 8 + [[1.0]]))
    features = row
    if draw(st.booleans()):
        pairs = draw(st.permutations(list(named(both, row).items())))
        features = dict(pairs) | draw(st.sampled_from([{}] * 8 + [{"more": 1}]))
    body = {draw(wrappings): features} | draw(
        st.sampled_from([{}] * 8 + [{"image": None}, {"x": 1}])
    )
    content = json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    cut = draw(st.sampled_from([0] * 9 + [1]))
    return content[: len(content) - cut] + draw(
        st.sampled_from([b""] * 8 + [b" ", b"\n{}", b"\xff"])
    )


@settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(data=st.data())
def test_both_ways_give_the_same_answer(both, data):
    content = data.draw(bodies(both))
    answer = both.ask(both.quick, content)
    both.statuses[answer[0]] += 1
    assert answer == both.ask(both.route, content)


def test_there_were_good_and_bad_ones_among_them(both):
    assert set(both.statuses) == {200, 400, 422}
    assert both.statuses[200] > 40


@pytest.mark.parametrize("as_list", [True, False])
def test_a_well_formed_request_takes_the_short_path(both, as_list):
    features = good(both) if as_list else named(both, good(both))
    content = json.dumps({"features": features}).encode()
    assert both.taken(content) == (as_list or "age" not in features)


@pytest.mark.parametrize("change", [None, math.inf, "text", "a\0b", 1e39, 10**60])
def test_both_ways_agree_on_a_single_odd_value(both, change):
    content = json.dumps({"features": [change, *good(both)[1:]]}).encode()
    assert both.ask(both.quick, content) == both.ask(both.route, content)


def test_both_ways_record_the_same(both):
    content = json.dumps({"features": good(both)}).encode()
    rows = []
    for app in (both.quick, both.route):
        both.ask(app, content)
        rows.append(both.recorded())
    one, two = rows
    assert json.loads(one.observation) == json.loads(two.observation)
    assert unpack(one.vector).tolist() == unpack(two.vector).tolist()
    same = ("version", "embedding_id", "pca_residual", "prediction", "probabilities")
    assert [getattr(one, name) for name in same] == [getattr(two, name) for name in same]


@pytest.mark.parametrize("twice", [b'{"features":%s,"features":%s}', b'{"features":{"a":1,"a":2}}'])
def test_both_ways_agree_on_names_given_twice(both, twice):
    row = json.dumps(good(both)).encode()
    content = twice % ((row, row) if b"%s" in twice else ())
    assert both.ask(both.quick, content) == both.ask(both.route, content)


@pytest.mark.parametrize(
    "kind",
    [b"application/json; charset=utf-8", b"application/json;charset=utf-8", b"text/plain", b""],
)
def test_both_ways_agree_on_the_content_type(both, kind):
    content = json.dumps({"features": good(both)}).encode()
    assert both.ask(both.quick, content, kind) == both.ask(both.route, content, kind)


@pytest.mark.parametrize("places", [(40,), (-30,), (-1,), (20, 60, -20, -10)])
def test_a_request_in_parts_takes_the_short_way_too(both, places):
    content = json.dumps({"features": good(both)}).encode()
    sent, before = request(content), both.behind.calls
    ends = [*(place % len(sent) for place in places), len(sent)]
    parts = [sent[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert both.ask_in_parts(both.quick, *parts) == both.ask(both.route, content)
    assert both.behind.calls == before


def test_a_large_body_is_left_to_the_route(both):
    content = b" " * 100_000 + json.dumps({"features": good(both)}).encode()
    before = both.behind.calls
    assert both.ask(both.quick, content) == both.ask(both.route, content)
    assert both.behind.calls == before + 1


def test_a_smaller_limit_of_bodies_holds_on_the_short_way_too(both, monkeypatch):
    monkeypatch.setattr(both.app.fast, "most_bytes", 100)
    content = b" " * 100 + json.dumps({"features": good(both)}).encode()
    before = both.behind.calls
    both.ask(both.quick, content)
    assert both.behind.calls == before + 1


def test_a_body_that_never_ends_is_refused_by_the_route(both, monkeypatch):
    monkeypatch.setattr(both.app, "body_deadlines", BodyDeadlines(0.05))
    (answer,) = both.exchange(both.quick, request(b"{}")[:-1])
    assert answer.status == 408


KEEP = b""  # HTTP/1.1 keeps a connection where nobody says otherwise


def test_requests_that_come_together_are_answered_in_their_order(both):
    content = json.dumps({"features": good(both)}).encode()
    wrong = json.dumps({"features": "?"}).encode()
    sent = [request(content, more=KEEP), request(wrong, more=KEEP), request(content)]
    assert [answer.status for answer in both.exchange(both.quick, b"".join(sent))] == [
        200,
        422,
        200,
    ]


def test_what_is_wrong_behind_a_request_is_told_after_its_answer(both):
    content = json.dumps({"features": good(both)}).encode()
    sent = request(content, more=KEEP) + b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"
    assert [answer.status for answer in both.exchange(both.quick, sent)] == [200, 400]


def test_a_connection_is_used_again(both):
    content = json.dumps({"features": good(both)}).encode()
    before = both.behind.calls
    answers = both.exchange_in_turn(both.quick, request(content, more=KEEP), request(content))
    assert [answer.status for answer in answers] == [200, 200]
    assert [b"connection" in answer.headers for answer in answers] == [False, True]
    assert both.behind.calls == before


@pytest.mark.slow
def test_an_idle_connection_is_closed_in_the_end(both):
    """Else to read on until it is would never end."""
    content = json.dumps({"features": good(both)}).encode()
    (answer,) = both.exchange(both.quick, request(content, more=KEEP))
    assert answer.status == 200


@pytest.mark.parametrize(
    "more",
    [
        b"expect: 100-continue\r\nconnection: close\r\n",
        b"x-request-id: mine\r\nconnection: close\r\n",
        b"x-request-id: not fit\r\nconnection: close\r\n",
    ],
)
def test_both_ways_agree_on_other_headers(both, more):
    sent = request(json.dumps({"features": good(both)}).encode(), more=more)
    quick, route = both.exchange(both.quick, sent), both.exchange(both.route, sent)
    assert [answer.status for answer in quick] == [answer.status for answer in route]
    assert quick[-1].body.keys() == route[-1].body.keys()


def test_an_old_client_is_answered_and_let_go(both):
    sent = request(json.dumps({"features": good(both)}).encode(), more=KEEP)
    (answer,) = both.exchange(both.quick, sent.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert answer.status == 200


def broken(*_):
    raise RuntimeError


def test_an_error_before_anything_is_asked_is_left_to_the_route(both, monkeypatch):
    monkeypatch.setattr(PredictEndpoint, "submit", broken)
    assert both.ask(both.quick, json.dumps({"features": good(both)}).encode())[0] == 200


def test_an_error_afterwards_is_told_once(both, monkeypatch):
    """To ask the route would record feedback twice."""
    monkeypatch.setattr(PredictEndpoint, "respond", broken)
    before = both.behind.calls
    status, _, body = both.ask(both.quick, json.dumps({"features": good(both)}).encode())
    assert (status, body["error"]["code"]) == (500, "internal")
    assert both.behind.calls == before


def test_a_real_server_takes_the_short_path(cancer_server):
    """There the id of the request is that of the prediction."""
    schema = cancer_server.client.get("/schema").json()
    features = {f["name"]: f["example"] for f in schema["features"]}
    quick = cancer_server.client.post("/predict", json={"features": features})
    assert quick.headers["x-request-id"] == quick.json()["prediction_id"]
    body = json.dumps({"features": features, "image": None}).encode()
    slow = cancer_server.client.post(
        "/predict", content=body, headers={"content-type": "application/json"}
    )
    assert slow.headers["x-request-id"] != slow.json()["prediction_id"]
    assert quick.json()["probabilities"] == slow.json()["probabilities"]
