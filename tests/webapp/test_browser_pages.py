"""The pages that look back, the other ways in, and the other language, in Chromium."""

import base64
import json
import re
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import expect

from tests.webapp.test_browser import SECONDS, visit, wait_for
from webapp.components.streamlit_words import WORDS

pytestmark = pytest.mark.slow
FILMING = "() => (document.querySelector('video')?.videoWidth ?? 0) > 0"
CARRIED = """([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type: "image/png"}));
  return carried;
}"""  # what a hand drags over a window
EVERYTHING_SAID = """() => [...document.querySelectorAll("body *")].flatMap((element) => [
  ...["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name)),
  ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.data.trim()),
])"""


@pytest.fixture(scope="module")
def pictures(digits_stack):
    digits_stack.start_page()
    return digits_stack


@pytest.fixture(scope="module")
def table(cancer_stack):
    cancer_stack.start_page()
    return cancer_stack


def predict(stack, count=1):
    schema = requests.get(f"{stack.serving}/schema", timeout=10).json()
    row = {feature["name"]: feature["example"] for feature in schema["features"]}
    answer = requests.post(
        f"{stack.serving}/predict/batch", json={"rows": [row] * count}, timeout=10
    )
    return answer.json()["predictions"]


def record(stack, number):
    return requests.get(f"{stack.serving}/predictions/{number}", timeout=10).json()


def test_the_overview_opens_first_and_shows_curves(chromium, table):
    predict(table)
    for page in visit(chromium, table, path=""):
        expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible(timeout=SECONDS)
        expect(page.locator(".st-key-lights")).to_contain_text("Service", timeout=SECONDS)
        expect(page.get_by_role("heading", name="Predictions")).to_be_visible(timeout=SECONDS)
        charts = page.locator("[data-testid=stVegaLiteChart]")
        expect(charts.nth(1)).to_be_visible(timeout=SECONDS)


def test_a_key_answers_what_is_to_be_checked(chromium, table):
    predict(table, 3)
    for page in visit(chromium, table, path="/review"):
        expect(page.get_by_role("button", name=re.compile("^It is "))).to_be_visible(
            timeout=SECONDS
        )
        wait_for(page, "0 checked")
        page.get_by_role("heading", level=1).click()
        page.keyboard.press("Enter")
        wait_for(page, "1 checked, 1 of them right")
        page.keyboard.press("y")
        wait_for(page, "2 checked, 2 of them right")
        page.keyboard.press("s")
        expect(page.get_by_text("2 checked")).to_be_visible(timeout=SECONDS)


def test_what_was_lent_is_shown_after_a_reload_too(chromium, table):
    """It was said for ten minutes that nothing waits to be checked."""
    for page in visit(chromium, table, path="/review"):
        right = page.get_by_role("button", name=re.compile("^It is "))
        expect(right.or_(page.get_by_text("No prediction of the live"))).to_be_visible()
        predict(table, 3)
        page.reload()
        expect(right).to_be_visible(timeout=SECONDS)
        page.reload()
        expect(right).to_be_visible(timeout=SECONDS)


def test_enter_answers_for_those_who_came_by_a_link(chromium, table):
    predict(table, 3)
    for page in visit(chromium, table, path=""):
        page.get_by_role("link", name="Review").first.click()
        right = page.get_by_role("button", name=re.compile("^It is "))
        expect(right).to_be_visible(timeout=SECONDS)
        page.wait_for_function("window.boucleEnter?.heard")
        page.keyboard.press("Enter")
        wait_for(page, "1 checked, 1 of them right")


def test_an_answer_is_corrected_in_the_history(chromium, table):
    (one,) = predict(table)
    number, label = one["prediction_id"], one["prediction"]
    body = {"prediction_id": number, "target": label}
    requests.post(f"{table.serving}/feedback", json=body, timeout=10).raise_for_status()
    other = "malignant" if label == "benign" else "benign"
    for page in visit(chromium, table, path=f"/history?id={number}"):
        wait_for(page, "Correct it to")
        page.get_by_label("Correct it to").click()
        page.get_by_role("option", name=other).click()
        page.get_by_role("button", name="Correct", exact=True).click()
        wait_for(page, re.compile(f"{label} became {other}"))
    assert record(table, number)["feedback"]["target"] == other


def test_a_drawing_is_predicted(chromium, pictures):
    for page in visit(chromium, pictures):
        page.get_by_role("radio", name="Draw").or_(page.get_by_role("button", name="Draw")).click()
        field = page.get_by_role("img", name="Draw here")
        expect(field).to_be_visible(timeout=SECONDS)
        box = field.bounding_box()
        page.mouse.move(box["x"] + 140, box["y"] + 40)
        page.mouse.down()
        for step in range(20):
            page.mouse.move(box["x"] + 140, box["y"] + 40 + 10 * step)
        page.mouse.up()
        page.get_by_role("button", name="Predict", exact=True).click()
        wait_for(page, "Is it right?")
        page.get_by_text("Français").click()
        expect(page.get_by_role("img", name="Dessinez ici")).to_be_visible(timeout=SECONDS)
        expect(page.locator(".clear")).to_have_text("Effacer")


def test_why_is_told_beside_the_answer(chromium, pictures):
    for page in visit(chromium, pictures):
        page.locator(".st-key-samples button").first.click()
        page.get_by_role("button", name="Why?").click()
        wait_for(page, re.compile("if nothing were known of it"))


def test_an_address_asks_its_question(chromium, table):
    (one,) = predict(table)
    row = quote(json.dumps(record(table, one["prediction_id"])["features"]))
    for page in visit(chromium, table, path=f"/predict?features={row}"):
        wait_for(page, "Is it right?")


def test_the_browsers_language_is_spoken_and_a_switch_changes_it(chromium, table):
    page = chromium.new_page(locale="fr-FR")
    page.set_default_timeout(SECONDS)
    page.goto(f"{table.page}/predict")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("^Prédire"), timeout=SECONDS
    )
    page.get_by_role("radio", name="English").or_(
        page.get_by_role("button", name="English")
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("^Predict"), timeout=SECONDS
    )
    page.close()


def test_what_streamlit_says_itself_is_said_in_the_same_language(chromium, pictures):
    page = chromium.new_page(locale="fr-FR")
    page.set_default_timeout(SECONDS)
    page.goto(f"{pictures.page}/predict")
    uploader = page.get_by_test_id("stFileUploader")
    expect(uploader).to_contain_text("Choisir un fichier", timeout=SECONDS)
    expect(uploader).to_contain_text("10 Mo au plus par fichier")
    page.get_by_text("Caméra").click()
    expect(page.get_by_role("button", name="Prendre la photo")).to_be_visible()
    assert not set(page.evaluate(EVERYTHING_SAID)) & set(WORDS)
    page.get_by_text("English").click()
    expect(page.get_by_role("button", name="Take Photo")).to_be_visible()
    page.get_by_text("Picture", exact=True).click()
    expect(uploader).to_contain_text("10MB per file")
    page.close()


def test_a_file_may_be_dropped_anywhere(chromium, pictures):
    picture = next(pictures.folder.rglob("samples/*.png"))
    content = base64.b64encode(picture.read_bytes()).decode()
    for page in visit(chromium, pictures):
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible(timeout=SECONDS)
        files = page.evaluate_handle(CARRIED, [content, picture.name])
        page.dispatch_event("body", "dragenter", {"dataTransfer": files})
        zone = page.evaluate_handle("() => document.elementFromPoint(30, innerHeight - 30)")
        zone.as_element().dispatch_event("drop", {"dataTransfer": files})
        wait_for(page, "Is it right?")
        expect(page.locator(".boucle-over")).to_have_count(0)


def test_the_camera_takes_a_picture(chromium, pictures):
    for page in visit(chromium, pictures):
        page.get_by_role("radio", name="Camera").or_(
            page.get_by_role("button", name="Camera")
        ).click()
        page.wait_for_function(FILMING)  # a click before that takes no picture
        page.get_by_test_id("stCameraInputButton").click()
        wait_for(page, "Is it right?")


def test_requests_without_an_answer_have_a_curve(chromium, table):
    refused = requests.post(f"{table.serving}/predict", json={"features": {}}, timeout=10)
    assert refused.status_code == 422
    for page in visit(chromium, table, path=""):
        expect(page.get_by_role("heading", name="Requests without an answer")).to_be_visible(
            timeout=SECONDS
        )


def test_the_chosen_language_outlives_a_reload_and_another_page(chromium, table):
    for page in visit(chromium, table):
        page.get_by_text("Français").click()
        wait_for(page, re.compile("^Prédire"))
        page.get_by_role("link", name="Historique").click()
        expect(page).to_have_url(re.compile(r"/history\?lang=fr"), timeout=SECONDS)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Historique", timeout=SECONDS)
        page.get_by_text("English").click()
        expect(page).to_have_url(re.compile(r"lang=en"), timeout=SECONDS)


def test_an_address_may_ask_in_a_language(chromium, table):
    (one,) = predict(table)
    row = quote(json.dumps(record(table, one["prediction_id"])["features"]))
    for page in visit(chromium, table, path=f"/predict?features={row}&lang=fr"):
        wait_for(page, "Est-ce juste")


def test_an_address_of_no_page_is_told(chromium, table):
    for page in visit(chromium, table, path="/nowhere"):
        wait_for(page, "There is no page /nowhere")
        expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's, in English alone
        page.get_by_text("Français").click()
        wait_for(page, "Il n'y a pas de page /nowhere")
        page.get_by_role("main").get_by_role("link", name="Vue d'ensemble").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vue d'ensemble", timeout=SECONDS)


def test_the_overview_has_its_name_as_an_address_too(chromium, table):
    for page in visit(chromium, table, path="/overview"):
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview", timeout=SECONDS)
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_enter_presses_the_button_that_has_the_focus(chromium, table):
    """It said that the prediction is right, whichever button had the focus."""
    predict(table, 3)
    for page in visit(chromium, table, path="/review"):
        wait_for(page, "0 checked")
        skip = page.get_by_role("button", name="Skip")
        skip.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(2_000)
        expect(page.get_by_text("0 checked")).to_be_visible()


def test_the_focus_stays_near_the_button_that_was_pressed(chromium, table):
    predict(table, 3)
    for page in visit(chromium, table, path="/review"):
        wait_for(page, "0 checked")
        right = page.get_by_role("button", name=re.compile("^It is "))
        right.focus()
        page.keyboard.press("Space")
        wait_for(page, "1 checked")
        page.wait_for_function(FOCUSED)


FOCUSED = "() => document.activeElement.closest('.st-key-result') !== null"
