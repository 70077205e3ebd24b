"""A model of a French file understands what comes as the file was understood, and says so."""

import random

import pytest

from tests.support.models_and_records.installations import make_installation
from tests.support.processes.servers import serving

ROW = {
    "surface": "35,5",
    "loyer": "1 234,50 €",
    "visite": "31/01/2024",
    "meublé": "Oui",
    "ville": "Lyon",
}
PLAIN = {"surface": 35.5, "loyer": 1234.5, "visite": "2024-01-31", "meublé": True, "ville": "Lyon"}


def write_rents(path):
    """Semicolons, Windows-1252, decimal commas, days first, a row number, and an amount to tell."""
    draw = random.Random(0)
    lines = ["n°;surface;loyer;visite;meublé;ville;charges"]
    for row in range(300):
        surface, rent = draw.uniform(9, 120), draw.uniform(300, 2500)
        day, month = draw.randint(1, 28), draw.randint(1, 12)
        cells = [
            str(row),
            f"{surface:.1f}",
            f"{rent:.2f} €",
            f"{day:02d}/{month:02d}/2024",
            draw.choice(["Oui", "Non"]),
            draw.choice(["Lyon", "Nice"]),
            f"{surface * 2 + month:.2f}",
        ]
        lines.append(";".join([cells[0], *(cell.replace(".", ",") for cell in cells[1:])]))
    path.write_bytes("\n".join(lines).encode("cp1252"))


@pytest.fixture(scope="module")
def rents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rents")
    write_rents(folder / "loyers.csv")
    knobs = {"DATASET__TARGET": "charges", "DATASET__BINS": "3", "EMBEDDING__METHOD": "features"}
    with serving(make_installation(folder, str(folder / "loyers.csv"), **knobs)) as server:
        yield server


def upload(server, content):
    return server.client.post("/predict/file", files={"file": ("loyers.csv", content)})


def test_the_file_that_was_learned_from_is_predicted(rents):
    answer = upload(rents, (rents.installation.folder / "loyers.csv").read_bytes())
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["predictions"]) == 300


def test_the_sample_file_is_predicted(rents):
    answer = upload(
        rents, (rents.installation.folder / "data/samples/observations.csv").read_bytes()
    )
    assert answer.status_code == 200, answer.text


def test_text_is_understood_as_in_the_file_and_said(rents):
    typed, told = rents.predict(PLAIN), rents.predict(ROW)
    assert told["probabilities"] == typed["probabilities"]
    assert "understood" not in typed
    assert told["understood"] == {
        "surface": 35.5,
        "loyer": 1234.5,
        "visite": "2024-01-31",
        "meublé": True,
    }


def test_what_is_understood_is_recorded(rents):
    number = rents.predict(ROW)["prediction_id"]
    explained = rents.client.post("/explain", json={"prediction_id": number}).json()
    values = {one["feature"]: one["value"] for one in explained["contributions"]}
    assert values == PLAIN


def test_features_alone_are_understood(rents):
    answer = rents.client.post("/predict", json=PLAIN)
    assert answer.json()["probabilities"] == rents.predict(PLAIN)["probabilities"]


def test_what_the_dataset_left_out_may_come_along(rents):
    assert rents.predict({**PLAIN, "n°": 7, "charges": "12,5"})["prediction"]


def test_an_unknown_column_is_named(rents):
    header = "surface;loyer;visite;meublé;ville;étage\n1;2;2024-01-31;oui;Lyon;3\n"
    found = upload(rents, header.encode()).json()["error"]["details"][0]
    reason = "has 1 column that the model does not know: 'étage'; take it out"
    assert found == {"field": "file.header", "reason": reason}


@pytest.mark.parametrize(
    ("change", "warnings"),
    [
        ({"surface": 4000}, ["surface 4000 is above all that was learned"]),
        ({"loyer": -5000}, ["loyer -5000 is below all that was learned"]),
        ({"ville": "Brest"}, ["ville 'Brest' is not among the values that were learned"]),
        ({"ville": " lyon"}, []),
        ({"surface": 125}, []),
        ({"visite": "2031-01-31"}, []),
        (dict.fromkeys(PLAIN), ["Nothing is known of it, so the answer is a guess"]),
    ],
)
def test_a_value_far_from_all_that_was_learned_is_answered_with_a_warning(rents, change, warnings):
    found = rents.predict({**PLAIN, **change}).get("warnings", [])
    assert [warning.partition(" (")[0] for warning in found] == warnings


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"surface": "35.5.1"}, "must be a number with a decimal comma, or empty if unknown"),
        ({"visite": "bientôt"}, "must be a date such as 27/06/2024 (day first)"),
        ({"meublé": "peut-être"}, "must be true or false, or empty if unknown"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_form_that_is(rents, change, reason):
    answer = rents.client.post("/predict", json={"features": {**PLAIN, **change}})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["reason"].startswith(reason)


@pytest.mark.parametrize("target", [5.5, "5,5", 5000])
def test_the_true_answer_may_be_an_amount(rents, target):
    number = rents.predict(PLAIN)["prediction_id"]
    answer = rents.client.post("/feedback", json={"prediction_id": number, "target": target})
    assert answer.status_code == 201
