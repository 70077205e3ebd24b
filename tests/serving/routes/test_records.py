"""Predictions are found again, looked at and corrected, and their curves are told."""

import io
import math

import pytest
from PIL import Image

from pipeline.parquet_history.erasing import Criterion
from scripts.records.erase import erase
from tests.support.processes.servers import serving, wait_for


@pytest.fixture(scope="module")
def server(mixed, tmp_path_factory):
    with serving(mixed.copy(tmp_path_factory.mktemp("records"))) as server:
        yield server


@pytest.fixture(scope="module")
def row(server):
    schema = server.client.get("/schema").json()
    return {feature["name"]: feature["example"] for feature in schema["features"]}


@pytest.fixture
def predicted(server, row):
    return server.predict(row)


def get(server, path, **wanted):
    answer = server.client.get(path, params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def give(server, **body):
    return server.client.post("/feedback", json=body)


def other_label(server, prediction):
    labels = server.client.get("/schema").json()["labels"]
    return next(label for label in labels if label != prediction["prediction"])


def test_a_prediction_is_found_at_the_top_of_the_list(server, predicted):
    found = get(server, "/predictions", limit=1)
    assert found["predictions"][0]["prediction_id"] == predicted["prediction_id"]
    assert found["predictions"][0]["target"] is None


def test_a_cursor_goes_on(server, row):
    made = [server.predict(row)["prediction_id"] for _ in range(3)]
    first = get(server, "/predictions", limit=2)
    then = get(server, "/predictions", limit=1, cursor=first["next"])
    ids = [one["prediction_id"] for one in first["predictions"] + then["predictions"]]
    assert ids == made[::-1]


def test_a_prediction_tells_what_was_observed_and_said(server, predicted, row):
    found = get(server, f"/predictions/{predicted['prediction_id']}")
    assert found["features"] == row
    assert found["probabilities"] == pytest.approx(predicted["probabilities"], abs=1e-6)
    assert math.isclose(found["confidence"], max(predicted["probabilities"].values()), abs_tol=1e-6)
    assert found["feedback"] is None


def test_an_answer_is_corrected_only_with_the_word(server, predicted):
    number, right = predicted["prediction_id"], predicted["prediction"]
    other = other_label(server, predicted)
    assert give(server, prediction_id=number, target=right).status_code == 201
    assert give(server, prediction_id=number, target=other).status_code == 409
    corrected = give(server, prediction_id=number, target=other, correct=True)
    assert corrected.status_code == 200
    told = get(server, f"/predictions/{number}")["feedback"]
    assert told["target"] == other
    assert [(one["before"], one["after"]) for one in told["corrections"]] == [(right, other)]


def test_a_correction_stands_in_the_file_of_the_course(server, predicted):
    number = predicted["prediction_id"]
    path = server.installation.folder / "data" / "prod_data.csv"
    give(server, prediction_id=number, target=predicted["prediction"])
    rows = get(server, "/retrainings")["remaining"]
    give(server, prediction_id=number, target=other_label(server, predicted), correct=True)
    wanted = f"{other_label(server, predicted)},{predicted['prediction']}"
    wait_for(lambda: path.read_text().rstrip().endswith(wanted))
    assert get(server, "/retrainings")["remaining"] == rows  # it counts as no further row


def test_wrong_ones_are_found(server, predicted):
    give(server, prediction_id=predicted["prediction_id"], target=other_label(server, predicted))
    found = get(server, "/predictions", feedback="wrong", limit=1)["predictions"]
    assert found[0]["prediction_id"] == predicted["prediction_id"]
    assert found[0]["target"] != found[0]["prediction"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/predictions/unheard", 404),
        ("/predictions/not%20an%20id", 404),
        ("/predictions/unheard/observation", 404),
        ("/predictions?cursor=;", 422),
        ("/predictions?limit=0", 422),
        ("/predictions?least_confidence=2", 422),
        ("/predictions?feedback=perhaps", 422),
        ("/predictions?from=yesterday", 422),
        ("/history?step=minute&from=2020-01-01&to=2021-01-01", 422),
        ("/history?from=2021-01-01&to=2020-01-01", 422),
        ("/history?to=-1", 422),
        ("/history?to=1e300", 422),
        ("/history?to=1790000000000", 422),
        ("/predictions?from=nan", 422),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(server, path, status):
    answer = server.client.get(path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_the_curve_follows_what_happens(server, row):
    before = get(server, "/history", step="hour")["total"]["predictions"]
    number = server.predict(row)["prediction_id"]
    give(server, prediction_id=number, target=server.predict(row)["prediction"])
    total = wait_for(lambda: grown(server, before + 2))
    assert total["labelled"] > 0
    assert 0 < total["expected_accuracy"] <= 1
    assert get(server, "/history")["step"] == "hour"


def grown(server, predictions):
    total = get(server, "/history", step="hour")["total"]
    return total if total["predictions"] >= predictions and total["labelled"] else None


def test_requests_without_an_answer_are_told(server):
    assert server.client.post("/predict", json={"features": {}}).status_code == 422
    assert server.client.get("/nowhere").status_code == 404

    def told():
        errors = get(server, "/history", step="hour")["errors"]
        return errors if sum(one["refused"] for one in errors) >= 2 else None

    assert all(one["failed"] == 0 for one in wait_for(told))


def test_a_time_may_be_a_number_or_a_date(server):
    by_date = get(server, "/history", **{"from": "2026-01-01T00:00:00Z", "to": "2026-02-01"})
    by_number = get(server, "/history", **{"from": 1767225600, "to": 1769904000})
    assert by_date == by_number


def test_a_picture_is_shown_as_the_model_saw_it(digits_server):
    pixels = [0.0] * 63 + [16.0]
    number = digits_server.predict(pixels)["prediction_id"]
    answer = digits_server.client.get(f"/predictions/{number}/observation")
    picture = Image.open(io.BytesIO(answer.content))
    assert (answer.headers["content-type"], picture.size) == ("image/png", (8, 8))
    assert (picture.getpixel((7, 7)), picture.getpixel((0, 0))) == (255, 0)
    assert get(digits_server, f"/predictions/{number}")["features"] is None


def test_records_need_the_key_of_those_who_label(mixed, tmp_path_factory):
    """Who may ask the model may not read what others asked."""
    made = mixed.copy(tmp_path_factory.mktemp("closed"), SERVING__REQUIRE_KEYS="true")
    with serving(made) as server:

        def ask(path, scope):
            headers = {"authorization": f"Bearer {made.key(scope)}"}
            return server.client.get(path, headers=headers).status_code

        assert server.client.get("/predictions").status_code == 401
        assert (ask("/predictions", "predict"), ask("/predictions", "feedback")) == (403, 200)
        assert ask("/history", "predict") == 200


def test_what_is_to_be_checked_is_lent_to_one_person(server, row):
    number = server.predict(row)["prediction_id"]
    lent = get(server, "/review", limit=100)["predictions"]
    assert number in [one["prediction_id"] for one in lent]
    assert get(server, "/review", limit=100)["predictions"] == []
    assert server.client.post(f"/review/{number}/release").json() == {"released": True}
    assert get(server, "/review", limit=100)["predictions"][0]["prediction_id"] == number
    assert server.client.post(f"/review/{number}/skip").json() == {"skipped": True}
    for change in ("skip", "release"):
        assert server.client.post(f"/review/unheard/{change}").status_code == 404


@pytest.mark.parametrize("strategy", ["unsure", "unusual", "disagreement", "random"])
def test_each_strategy_lends(server, row, strategy):
    server.predict(row)
    (one,) = get(server, "/review", limit=1, strategy=strategy)["predictions"]
    assert one["why"] in (strategy, "unsure")  # a first version has no other to disagree with


def test_a_subject_finds_and_answers_its_latest_prediction(server, row):
    for _ in range(2):
        last = server.client.post("/predict", json={"features": row, "subject": "order-17"}).json()
    found = get(server, "/predictions", subject="order-17")["predictions"]
    assert found[0]["prediction_id"] == last["prediction_id"]
    assert len(found) == 2
    body = {"subject": "order-17", "target": last["prediction"]}
    assert server.client.post("/feedback", json=body).status_code == 201
    record = get(server, f"/predictions/{last['prediction_id']}")
    assert (record["subject"], record["feedback"]["target"]) == ("order-17", last["prediction"])


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_the_request_of_a_prediction_is_known(server, row, path):
    """On the fast path, on the route, and where the client brings no id of its own."""
    body = {"features": row} if path == "/predict" else {"rows": [row]}
    named = server.client.post(path, json=body, headers={"x-request-id": "mine-7"})
    free = server.client.post(path, json=body)
    for answer in (named, free):
        told = answer.json()
        number = told.get("predictions", [told])[0]["prediction_id"]
        said = answer.headers["x-request-id"]
        wait_for(lambda n=number, s=said: get(server, f"/predictions/{n}")["request_id"] == s)


def test_rows_of_a_batch_have_subjects_of_their_own(server, row):
    body = {"rows": [row, row, row], "subjects": ["a", None, "b"]}
    answer = server.client.post("/predict/batch", json=body).json()["predictions"]
    for subject, number in (("a", 0), ("b", 2)):
        (found,) = get(server, "/predictions", subject=subject)["predictions"]
        assert found["prediction_id"] == answer[number]["prediction_id"]
    few = server.client.post("/predict/batch", json={**body, "subjects": ["a"]})
    assert (few.status_code, "1 subjects given, 3 expected" in few.text) == (422, True)


def test_a_subject_that_nobody_knows_is_told(server):
    answer = server.client.post("/feedback", json={"subject": "nobody", "target": "0"})
    assert answer.status_code == 404
    both = {"subject": "nobody", "prediction_id": "x", "target": "0"}
    assert server.client.post("/feedback", json=both).status_code == 422


def test_erasing_works_beside_a_running_server(server, row):
    server.client.post("/predict", json={"features": row, "subject": "gone"})
    found = erase(server.installation.settings(), Criterion(subject="gone"))
    assert (found.predictions, found.answers) == (1, 0)
    assert get(server, "/predictions", subject="gone")["predictions"] == []


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-origin", 200)])
def test_a_page_of_another_site_borrows_nothing(server, site, status):
    """An image with this address would have taken the queue away from those who label."""
    headers = {"sec-fetch-site": site}
    assert server.client.get("/review", headers=headers).status_code == status
    assert server.client.get("/predictions", headers=headers).status_code == 200
