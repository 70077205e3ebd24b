"""The page of predictions, run by Streamlit's AppTest against a real serving."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.support.processes.servers import free_port, serving
from tests.webapp.tables import tables_of
from webapp.client.serving import Client
from webapp.predict_page.feedback import send_target
from webapp.session import Session
from webapp.settings import load_settings


def predict_page():
    from webapp.client.serving import Client
    from webapp.predict_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    page.show(Client(load_settings()), current_session())


def run_page():
    return AppTest.from_function(predict_page, default_timeout=30).run()


def open_page(monkeypatch, stack, **environment):
    monkeypatch.chdir(stack.folder)
    for name, value in ({"SERVING_URL": stack.serving} | environment).items():
        monkeypatch.setenv(name, value)
    app = run_page()
    assert not app.exception
    return app


@pytest.fixture
def digits_page(monkeypatch, digits_stack):
    return open_page(monkeypatch, digits_stack)


@pytest.fixture
def cancer_page(monkeypatch, cancer_stack):
    return open_page(monkeypatch, cancer_stack)


def upload(app, name, content):
    app.file_uploader[0].set_value((name, content, "application/octet-stream")).run()
    assert not app.exception
    return app


def text_of(app):
    return "\n".join(element.value for element in app.markdown)


def visit_of(app):
    return app.session_state["visit"]


def ask_for_a_sample(app):
    next(button for button in app.button if button.key.startswith("sample-")).click().run()
    return visit_of(app).predictions[0]


def test_a_sample_is_predicted_by_a_click(digits_page):
    prediction = ask_for_a_sample(digits_page)
    assert f"## {prediction.label}" in text_of(digits_page)
    assert len(prediction.probabilities) == 10


def test_right_is_one_click_and_the_counter_falls(digits_page, digits_stack):
    prediction = ask_for_a_sample(digits_page)
    before = digits_stack.loop()["remaining"]
    digits_page.button(f"record-{prediction.label}-{prediction.id}").click().run()
    assert "Recorded as right" in digits_page.success[0].value
    assert digits_stack.loop()["remaining"] == (before - 1 or 3)


def test_sent_twice_it_is_recorded_once(digits_page, digits_stack):
    prediction = ask_for_a_sample(digits_page)
    before, client, visit = digits_stack.loop()["remaining"], Client(load_settings()), Session()
    for _ in range(2):
        send_target(client, visit, prediction, prediction.label)
    send_target(client, Session(), prediction, prediction.label)  # another window says the same
    assert digits_stack.loop()["remaining"] == (before - 1 or 3)
    assert visit.receipts[prediction.id].target == prediction.label


def test_a_target_that_contradicts_the_record_is_told(digits_page, digits_stack):
    prediction = ask_for_a_sample(digits_page)
    body = {"prediction_id": prediction.id, "target": "9"}
    requests.post(f"{digits_stack.serving}/feedback", json=body, timeout=10).raise_for_status()
    other = "1" if prediction.label != "1" else "2"
    digits_page.pills(f"target-{prediction.id}").set_value(other).run()
    digits_page.button(f"record-{other}-{prediction.id}").click().run()
    assert "Not recorded" in digits_page.error[0].value


def test_a_broken_picture_is_refused_with_a_sentence(digits_page):
    upload(digits_page, "broken.png", b"\x89PNG no more")
    assert "no picture that can be read" in digits_page.error[0].value
    assert ask_for_a_sample(digits_page)


def test_a_picture_that_the_page_cannot_show_is_predicted_all_the_same(digits_page):
    buffer = io.BytesIO()
    Image.fromarray(np.full((9, 9), 30_000, dtype=np.uint16)).save(buffer, "PNG")
    upload(digits_page, "deep.png", buffer.getvalue())
    assert visit_of(digits_page).predictions
    assert not digits_page.error


def test_an_upload_is_predicted_at_once(digits_page, digits_stack):
    content = Path(digits_stack.folder / "data/samples/digit_3_1.png").read_bytes()
    upload(digits_page, "three.png", content)
    assert len(visit_of(digits_page).predictions) == 1


def test_the_form_starts_with_the_examples_and_predicts(cancer_page, cancer_stack):
    schema = requests.get(f"{cancer_stack.serving}/schema", timeout=10).json()
    values = [float(widget.value) for widget in cancer_page.text_input]
    assert values == [feature["example"] for feature in schema["features"]]
    cancer_page.button("predict").click().run()
    assert visit_of(cancer_page).predictions[0].label in schema["labels"]


def test_what_a_form_says_is_what_is_asked(cancer_page):
    cancer_page.text_input[0].set_value("99.5")
    cancer_page.text_input[1].set_value("")
    cancer_page.button("predict").click().run()
    features = visit_of(cancer_page).asked.features
    assert (features["mean_radius"], features["mean_texture"]) == (99.5, None)
    assert visit_of(cancer_page).predictions


def test_a_decimal_comma_is_understood_and_said(cancer_page):
    """In a browser's number field 22,5 became 225."""
    cancer_page.text_input[0].set_value("22,5")
    cancer_page.button("predict").click().run()
    assert cancer_page.text_input[0].value == "22.5"
    assert visit_of(cancer_page).asked.features["mean_radius"] == 22.5


def test_numbers_have_the_form_of_the_language(cancer_page):
    """To who reads French 22,125 is no thousand."""
    first = cancer_page.text_input[0].value
    cancer_page.session_state["language"] = "fr"
    cancer_page.run()
    assert cancer_page.text_input[0].value == first.replace(".", ",")
    cancer_page.text_input[0].set_value("22,125")
    cancer_page.button("predict").click().run()
    assert visit_of(cancer_page).asked.features["mean_radius"] == 22.125
    assert cancer_page.text_input[0].value == "22,125"
    cancer_page.session_state["language"] = "en"
    cancer_page.run()
    assert cancer_page.text_input[0].value == "22.125"


def test_what_is_no_number_is_refused_by_name(cancer_page):
    cancer_page.text_input[0].set_value("about ten")
    cancer_page.button("predict").click().run()
    assert "mean_radius" in told(cancer_page)


def test_an_absent_serving_costs_no_entry(cancer_page, cancer_stack, monkeypatch):
    monkeypatch.setenv("SERVING_URL", f"http://127.0.0.1:{free_port()}")
    cancer_page.text_input[0].set_value("17.25")
    cancer_page.button("predict").click().run()
    assert "does not answer" in cancer_page.warning[0].value
    assert cancer_page.text_input[0].value == "17.25"
    monkeypatch.setenv("SERVING_URL", cancer_stack.serving)
    cancer_page.button("again").click().run()
    assert visit_of(cancer_page).asked.features["mean_radius"] == 17.25
    assert visit_of(cancer_page).predictions


def test_feedback_that_was_not_taken_can_be_sent_again(cancer_page, cancer_stack, monkeypatch):
    cancer_page.button("predict").click().run()
    prediction = visit_of(cancer_page).predictions[0]
    key = f"record-{prediction.label}-{prediction.id}"
    monkeypatch.setenv("SERVING_URL", f"http://127.0.0.1:{free_port()}")
    cancer_page.run().button(key).click().run()
    assert "not recorded yet" in cancer_page.error[0].value
    monkeypatch.setenv("SERVING_URL", cancer_stack.serving)
    cancer_page.run().button(key).click().run()
    assert not cancer_page.error
    assert prediction.id in visit_of(cancer_page).receipts


def test_a_csv_gives_a_prediction_for_each_row(cancer_page, cancer_stack):
    content = (cancer_stack.folder / "data/samples/observations.csv").read_bytes()
    upload(cancer_page, "rows.csv", content)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    shown = tables_of(cancer_page)[0]
    assert len(shown) == len(rows) == 20
    assert [row["mean_radius"] for row in shown] == [row["mean_radius"] for row in rows]


def told(page):
    """The error on the page, without the marks that keep Markdown from it."""
    return page.error[0].value.replace("\\", "")


def test_a_csv_with_a_wrong_cell_names_line_and_column(cancer_page, cancer_stack):
    lines = (cancer_stack.folder / "data/samples/observations.csv").read_text().splitlines()
    lines[2] = "what," + lines[2].split(",", 1)[1]
    upload(cancer_page, "rows.csv", "\n".join(lines).encode())
    assert "Line 3 of the file, mean_radius" in told(cancer_page)
    assert "mean_radius" in told(cancer_page)


def test_a_target_column_is_offered_as_the_answers(cancer_page, cancer_stack):
    """It was ignored, and feedback was one row and one click at a time."""
    lines = (cancer_stack.folder / "data/samples/observations.csv").read_text().splitlines()[:5]
    targets = ["diagnosis", "benign", "malignant", "", "perhaps"]
    text = "\n".join(f"{line},{target}" for line, target in zip(lines, targets, strict=True))
    upload(cancer_page, "answered.csv", text.encode())
    first = visit_of(cancer_page).predictions[0].id
    cancer_page.button(f"all-{first}").click().run()
    assert not cancer_page.exception
    assert "2 answers are recorded" in cancer_page.success[0].value
    assert "Answers refused: 1." in cancer_page.warning[0].value
    record = requests.get(f"{cancer_stack.serving}/predictions/{first}", timeout=10).json()
    assert record["feedback"]["target"] == "benign"


def test_json_is_read_and_what_is_not_json_is_told(cancer_page, cancer_stack):
    upload(
        cancer_page,
        "one.json",
        (cancer_stack.folder / "data/samples/observation.json").read_bytes(),
    )
    assert visit_of(cancer_page).predictions
    upload(cancer_page, "one.json", b"{")
    assert "one.json is not valid JSON" in told(cancer_page)


def test_every_type_of_feature_has_its_widget(monkeypatch, mixed_server):
    monkeypatch.setenv("SERVING_URL", f"http://127.0.0.1:{mixed_server.port}")
    app = run_page()
    assert [widget.label.split()[0] for widget in app.text_input] == ["age", "income", "size"]
    assert [widget.options for widget in app.selectbox] == [["7", "basic", "plus"], ["yes", "no"]]
    app.selectbox[0].set_value(None)
    app.button("predict").click().run()
    assert visit_of(app).asked.features["plan"] is None
    assert visit_of(app).predictions


def test_without_serving_the_page_says_so_and_offers_nothing(monkeypatch, digits_stack):
    nowhere = f"http://127.0.0.1:{free_port()}"
    app = open_page(monkeypatch, digits_stack, SERVING_URL=nowhere)
    assert "does not answer" in app.warning[0].value
    assert not app.button


@pytest.mark.slow
def test_a_wrong_key_is_told_in_a_sentence(monkeypatch, tmp_path, cancer):
    knobs = {"SERVING__REQUIRE_KEYS": "true"}
    with serving(cancer.copy(tmp_path, **knobs)) as server:
        monkeypatch.setenv("SERVING_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("API_KEY", "wrong")
        app = run_page()
        assert "The key does not open this" in app.warning[0].value
        monkeypatch.setenv("API_KEY", server.installation.key("predict"))
        assert app.run().title[0].value == "Predict: diagnosis"
