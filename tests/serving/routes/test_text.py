"""A column of free text: its words are learned from, drift and explanations name them."""

import random

import pytest

from tests.support.models_and_records.installations import make_installation
from tests.support.processes.servers import serving

GOOD = ["lovely", "quiet", "clean", "friendly", "perfect"]
BAD = ["dirty", "noisy", "rude", "broken", "awful"]
OTHER = ["the", "room", "was", "and", "we", "stayed", "in", "a", "hotel", "with", "our", "children"]


def write_reviews(path):
    draw = random.Random(0)
    lines = ["review,nights,target"]
    for row in range(300):
        words = draw.choices(OTHER, k=8) + draw.choices([GOOD, BAD][row % 2], k=2)
        draw.shuffle(words)
        lines.append(
            f"{' '.join(words).capitalize()}!,{draw.randint(1, 9)},{['good', 'bad'][row % 2]}"
        )
    path.write_text("\n".join(lines))


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder / "reviews.csv")
    knobs = {"EMBEDDING__METHOD": "features"}
    with serving(make_installation(folder, str(folder / "reviews.csv"), **knobs)) as server:
        yield server


@pytest.mark.parametrize(
    ("review", "label"), [("Lovely, quiet and PERFECT.", "good"), ("dirty; rude; noisy", "bad")]
)
def test_a_text_is_predicted_by_its_words(reviews, review, label):
    by_name = reviews.predict({"nights": 2, "review": review})
    assert by_name["prediction"] == label
    assert reviews.predict([review, 2])["probabilities"] == by_name["probabilities"]


def test_the_form_is_asked_for_one_text(reviews):
    features = reviews.client.get("/schema").json()["features"]
    assert [(one["name"], one["type"]) for one in features] == [
        ("review", "text"),
        ("nights", "integer"),
    ]


def test_an_unknown_text_is_predicted(reviews):
    assert reviews.predict({"nights": 2, "review": None})["prediction"] in ("good", "bad")


def test_a_file_of_texts_is_predicted(reviews):
    content = (reviews.installation.folder / "reviews.csv").read_bytes()
    answer = reviews.client.post("/predict/file", files={"file": ("reviews.csv", content)})
    said = [one["prediction"] for one in answer.json()["predictions"]]
    assert sum(label == ("good", "bad")[row % 2] for row, label in enumerate(said)) > 290


def test_an_explanation_names_the_words(reviews):
    number = reviews.predict({"nights": 2, "review": "so dirty and awful"})["prediction_id"]
    explained = reviews.client.post("/explain", json={"prediction_id": number}).json()
    told = {one["feature"]: one.get("value") for one in explained["contributions"]}
    assert told["review: dirty"] == 1
    assert told["review: lovely"] == 0
    assert told["nights"] == 2


def test_a_text_that_is_too_long_is_refused(reviews):
    features = {"nights": 2, "review": "a" * 20_001}
    answer = reviews.client.post("/predict", json={"features": features})
    assert answer.status_code == 422
    reason = "is longer than 20,000 characters"
    assert answer.json()["error"]["details"] == [{"field": "review", "reason": reason}]
