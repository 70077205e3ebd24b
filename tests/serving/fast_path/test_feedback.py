"""Feedback by the fast path and by its route: the same answers, the same rows."""

import itertools
import json
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pipeline.store.tables import feedback
from serving.schemas.receipts import FEEDBACK_ID
from tests.serving.ways import good, named

ID, KEY = "00PREDICTION", "00FEEDBACK"  # each way gets its own in their place
turns = itertools.count()
statuses = Counter()


def by_id(both, **more):
    return {"prediction_id": ID, "target": both.service.model.schema.labels[0]} | more


def by_features(both, **more):
    label = both.service.model.schema.labels[0]
    return {"features": good(both), "prediction": label, "target": label} | more


def give(both, app, content):
    """Status, headers and answer, without what tells one row from the next."""
    status, headers, body = both.ask(app, content, path="/feedback")
    if status < 300:
        assert body.pop("feedback_id") and body.pop("rows")
        assert set(body.pop("retraining")) == {"every", "remaining", "queued"}
    return status, headers, body


def personal(both, content):
    """The same feedback about a prediction of its own."""
    key = f"turn-{next(turns)}".encode()
    return content.replace(ID.encode(), both.predict().encode()).replace(KEY.encode(), key)


def compare(both, body):
    """Either way first, then the other with the same once more."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    mine, theirs = personal(both, content), personal(both, content)
    first = give(both, both.quick, mine)
    assert first == give(both, both.route, theirs)
    again = give(both, both.route, mine)
    assert again == give(both, both.quick, theirs)
    return first[0], again[0]


def last_row(both):
    with both.service.writer.store.engine.connect() as connection:
        return connection.execute(select(feedback).order_by(feedback.c.seq.desc())).first()


@pytest.mark.parametrize("more", [{}, {"feedback_id": KEY}, {"feedback_id": None}])
@pytest.mark.parametrize("form", [by_id, by_features])
def test_well_formed_feedback_takes_the_short_path(both, form, more):
    content = json.dumps(form(both, **more)).encode()
    assert both.taken(personal(both, content), "/feedback")


def test_what_was_said_before_is_a_replay_either_way(both):
    assert compare(both, by_id(both)) == (201, 200)
    assert compare(both, by_features(both, feedback_id=KEY)) == (201, 200)
    assert compare(both, by_features(both)) == (201, 201)


@pytest.mark.parametrize(
    "more",
    [
        {"target": "no such label"},
        {"target": "x" * 2000},
        {"target": None},
        {"prediction_id": "unknown"},
        {"prediction_id": "not/an id"},
        {"prediction_id": None},
        {"prediction": "malignant"},
        {"features": None},
        {"features": [1]},
        {"feedback_id": "no spaces"},
        {"feedback_id": "line\n"},
        {"feedback_id": ""},
        {"comment": "?"},
    ],
)
@pytest.mark.parametrize("form", [by_id, by_features])
def test_both_ways_agree_on_what_is_odd(both, form, more):
    compare(both, form(both, **more))


def test_both_ways_refuse_a_contradiction(both):
    first, second = both.service.model.schema.labels[:2]
    for before, app in ((both.route, both.quick), (both.quick, both.route)):
        mine = personal(both, json.dumps(by_id(both, target=first)).encode())
        assert give(both, before, mine)[0] == 201
        other = mine.replace(json.dumps(first).encode(), json.dumps(second).encode())
        assert give(both, app, other)[0] == 409
    content = json.dumps(by_features(both, feedback_id=KEY)).encode()
    assert compare(both, content) == (201, 200)


@pytest.mark.parametrize("form", [by_id, by_features])
def test_both_ways_record_the_same(both, form):
    content, rows = json.dumps(form(both)).encode(), []
    for app in (both.quick, both.route):
        assert give(both, app, personal(both, content))[0] == 201
        rows.append(last_row(both)._mapping)
    same = set(rows[0]) - {"seq", "id", "prediction_id", "at", "predicted_at", "observation"}
    assert {name: rows[0][name] for name in same} == {name: rows[1][name] for name in same}
    if form is by_features:
        assert json.loads(rows[0]["observation"]) == json.loads(rows[1]["observation"])


def test_the_counters_move_alike(both):
    def counted():
        counter = both.service.metrics.feedback.labels("recorded")
        return counter._value.get()

    before = counted()
    compare(both, by_id(both))
    assert counted() == before + 2


values = st.one_of(
    st.sampled_from(["malignant", "benign", "yes", "no", "a", "b", "", "\x00", "\ud800"]),
    st.booleans(),
    st.none(),
    st.integers(-1, 10**30),
    st.floats(),
    st.lists(st.integers(), max_size=1),
)


@st.composite
def bodies(draw, both):
    """Feedback that is good but for a field or two: changed, left out, or one too many."""
    body = draw(st.sampled_from([by_id, by_features]))(both)
    labels = st.sampled_from(both.service.model.schema.labels)
    body["target"] = draw(labels)
    if "features" in body and draw(st.booleans()):
        body["features"] = named(both, body["features"])
    for name in draw(st.lists(st.sampled_from([*body, "feedback_id", "image", "x"]), max_size=1)):
        body[name] = draw(values)
    for name in draw(st.lists(st.sampled_from(list(body)), max_size=1)):
        if draw(st.booleans()):
            del body[name]
    number = body.get("feedback_id")
    if isinstance(number, str) and re.fullmatch(FEEDBACK_ID, number):
        body["feedback_id"] = KEY  # one that is good must be of each way's own
    content = json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return content + draw(st.sampled_from([b""] * 8 + [b" ", b"{}", b"\xff"]))


@settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(data=st.data())
def test_both_ways_answer_alike(both, data):
    statuses[compare(both, data.draw(bodies(both)))[0]] += 1


def test_there_was_good_and_bad_feedback_among_it(both):
    assert {201, 400, 422} <= set(statuses)
    assert statuses[201] > 20
