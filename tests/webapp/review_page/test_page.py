"""The page of those who label, by AppTest against a real serving."""

import dataclasses

import pytest
import requests
from streamlit.testing.v1 import AppTest

from webapp.review_page.buttons import choose_keys


def review_page():
    from webapp.client.serving import Client
    from webapp.review_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    page.show(Client(load_settings()), current_session())


def predict(stack, count):
    schema = requests.get(f"{stack.serving}/schema", timeout=10).json()
    row = {feature["name"]: feature["example"] for feature in schema["features"]}
    rows = [dict(row, mean_radius=row["mean_radius"] + n) for n in range(count)]
    answer = requests.post(f"{stack.serving}/predict/batch", json={"rows": rows}, timeout=10)
    return answer.json()["predictions"]


def run():
    app = AppTest.from_function(review_page, default_timeout=30).run()
    assert not app.exception
    return app


def answered(stack, number):
    return requests.get(f"{stack.serving}/predictions/{number}", timeout=10).json()["feedback"]


def first_of(app):
    return app.session_state["review"].waiting[0]


def test_one_after_the_other_is_answered(here):
    predict(here, 3)
    app = run()
    first = first_of(app)
    app.button(f"enter-right-{first.id}").click().run()
    assert not app.exception
    assert answered(here, first.id)["target"] == first.prediction
    second = first_of(app)
    assert second.id != first.id
    other = "malignant" if second.prediction == "benign" else "benign"
    app.button(f"review-{other}-{second.id}").click().run()
    assert answered(here, second.id)["target"] == other
    assert "2 checked, 1 of them right" in "\n".join(text.value for text in app.markdown)


def test_what_is_skipped_is_not_shown_again(here):
    predict(here, 2)
    app = run()
    first = first_of(app)
    app.button(f"review-skip-{first.id}").click().run()
    seen = {one.id for one in app.session_state["review"].waiting}
    assert first.id not in seen
    assert answered(here, first.id) is None


def test_two_people_get_different_ones(here):
    predict(here, 15)
    one, other = run().session_state["review"], run().session_state["review"]
    assert one.waiting
    assert not {lent.id for lent in one.waiting} & {lent.id for lent in other.waiting}


def test_another_order_shows_what_waits_in_it(here):
    """What had been borrowed in the first order was nobody's for ten minutes."""
    predict(here, 2)
    app = run()
    borrowed = {lent.id for lent in app.session_state["review"].waiting}
    while run().session_state["review"].waiting:
        pass  # others hold the rest
    app.segmented_control("review-strategy").set_value("random").run()
    assert borrowed <= {lent.id for lent in app.session_state["review"].waiting}


def test_what_was_lent_too_long_ago_is_borrowed_anew(here):
    predict(here, 3)
    app = run()
    queue = app.session_state["review"]
    late = dataclasses.replace(queue.waiting[0], until=0.0)
    queue.waiting = [late]
    app.run()
    assert late not in app.session_state["review"].waiting


def test_another_answer_meanwhile_is_told_and_passed_over(here):
    predict(here, 2)
    app = run()
    first = first_of(app)
    body = {"prediction_id": first.id, "target": "malignant"}
    requests.post(f"{here.serving}/feedback", json=body, timeout=10)
    app.button(f"review-benign-{first.id}").click().run()
    assert "another target" in app.error[0].value
    assert first.id not in {lent.id for lent in app.session_state["review"].waiting}


@pytest.mark.parametrize(
    ("labels", "keys"),
    [
        (["3", "7"], ["3", "7"]),
        (["no", "yes"], ["1", "2"]),
        ([*"abcdefghij"], [*"123456789", None]),
    ],
)
def test_labels_have_keys(labels, keys):
    assert choose_keys(labels) == keys
