"""The page as a person meets it: in Chromium, through a real serving and a real trainer."""

import re

import pytest
from playwright.sync_api import expect

from tests.webapp.browser import PATIENCE

pytestmark = pytest.mark.slow

SECONDS = PATIENCE


@pytest.fixture(scope="module")
def installation(digits_stack):
    digits_stack.start_page()
    return digits_stack


@pytest.fixture(scope="module")
def table_installation(cancer_stack):
    cancer_stack.start_page()
    return cancer_stack


@pytest.fixture
def page(chromium, installation):
    yield from visit(chromium, installation)


@pytest.fixture
def table_page(chromium, table_installation):
    yield from visit(chromium, table_installation)


def visit(chromium, stack, width=1440, path="/predict"):
    foreign = []
    page = chromium.new_page(viewport={"width": width, "height": 1000})
    page.set_default_timeout(SECONDS)
    page.on("request", lambda request: foreign.append(request.url))
    page.goto(stack.page + path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=SECONDS)
    yield page
    page.close()
    own = (stack.page, stack.page.replace("http", "ws"), "data:", "blob:")
    assert [url for url in foreign if not url.startswith(own)] == []


def upload(page, path):
    uploader = page.locator("input[type=file]")
    expect(uploader).to_have_count(1, timeout=SECONDS)  # the one before goes away
    uploader.set_input_files(path)


def wait_for(page, text):
    expect(page.get_by_text(text).first).to_be_visible(timeout=SECONDS)


def remaining(page):
    shown = page.get_by_text(re.compile(r"\d+ more answers? until")).first
    return int(shown.inner_text(timeout=SECONDS).split()[0])


def test_upload_read_correct_and_see_the_counter_fall(page, installation):
    upload(page, installation.folder / "data/samples/digit_3_1.png")
    wait_for(page, re.compile(r"sure · version 0001"))
    before = remaining(page)
    said = page.locator(".st-key-answer h2").inner_text()
    true = "3" if said != "3" else "5"
    page.get_by_role("radio", name=true, exact=True).click()
    page.get_by_role("button", name=f"Record {true}").click()
    wait_for(page, "Thank you.")
    wait_for(page, re.compile(f"^{before - 1 or 3} more answer"))
    assert page.locator(".st-key-answer h2").inner_text() == said
    page.get_by_role("link", name="Correct it in the history").click()
    wait_for(page, "Correct it to")


def test_a_double_click_counts_once(page, installation):
    page.locator(".st-key-samples button").first.click()
    wait_for(page, "Is it right?")
    before = installation.loop()["remaining"]
    page.get_by_role("button", name=re.compile("^Yes, it is")).dblclick()
    wait_for(page, "Thank you.")
    assert installation.loop()["remaining"] == before - 1


def test_the_last_answer_retrains_and_the_page_shows_the_new_version(page, installation):
    assert installation.loop()["remaining"] == 1
    page.locator(".st-key-samples button").nth(4).click()
    page.get_by_role("button", name=re.compile("^Yes, it is")).click()
    wait_for(page, re.compile("Retraining is next in the queue"))
    installation.start_trainer()
    wait_for(page, re.compile("Retraining: "))
    wait_for(page, "Version 0002 is live.")
    page.locator(".st-key-samples button").nth(5).click()
    wait_for(page, re.compile(r"sure · version 0002"))


def test_serving_goes_and_comes_back(page, installation):
    page.locator(".st-key-samples button").first.click()
    wait_for(page, "Is it right?")
    installation.stop("serving")
    upload(page, installation.folder / "data/samples/digit_7_1.png")
    wait_for(page, re.compile("Serving does not answer"))
    installation.start_serving()
    expect(page.get_by_text("Serving does not answer")).to_have_count(0, timeout=SECONDS)
    wait_for(page, "Is it right?")


def test_a_broken_picture_is_refused_and_the_next_one_is_not(page, installation, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG no more")
    upload(page, broken)
    wait_for(page, re.compile("is no picture that can be read"))
    upload(page, installation.folder / "data/samples/digit_3_1.png")
    wait_for(page, "Is it right?")


@pytest.mark.parametrize(
    ("bytes_", "words"), [(11_000_000, "larger than 10 MB"), (9_000_000, "larger")]
)
def test_a_file_that_is_too_large_takes_the_answer_before_it_away(
    page, installation, tmp_path, bytes_, words
):
    """The browser refused it, and the answer about another file stayed beside it."""
    upload(page, installation.folder / "data/samples/digit_3_1.png")
    wait_for(page, "Is it right?")
    large = tmp_path / "large.png"
    large.write_bytes(b"\x89PNG" + bytes(bytes_))
    upload(page, large)
    wait_for(page, re.compile(words))
    expect(page.get_by_text("Is it right?")).to_have_count(0, timeout=SECONDS)
    upload(page, installation.folder / "data/samples/digit_3_1.png")
    wait_for(page, "Is it right?")


def test_the_form_keeps_what_was_entered(table_page):
    field = table_page.get_by_label(re.compile("^mean radius"))
    field.fill("17.5")
    table_page.get_by_role("tab", name="Worst").click()
    table_page.get_by_role("button", name="Predict", exact=True).click()
    wait_for(table_page, "Is it right?")
    table_page.get_by_role("link", name="Model").click()
    wait_for(table_page, re.compile(r"Version \d+ is live"))
    table_page.get_by_role("link", name="Predict").click()
    expect(field).to_have_value("17.5", timeout=SECONDS)
    wait_for(table_page, "Is it right?")


def test_a_csv_becomes_a_table_to_download(table_page, table_installation):
    table_page.get_by_role("tab", name="Upload a file").click()
    upload(table_page, table_installation.folder / "data/samples/observations.csv")
    wait_for(table_page, re.compile("20 predictions"))
    with table_page.expect_download() as download:
        table_page.get_by_role("button", name="Download as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 21
    assert lines[0].endswith("diagnosis predicted,probability,version,warnings,prediction_id")


@pytest.mark.parametrize("path", ["", "/predict", "/history", "/model", "/monitoring"])
def test_no_page_is_wider_than_a_telephone(chromium, table_installation, path):
    for page in visit(chromium, table_installation, width=390, path=path):
        page.wait_for_load_state("networkidle")
        main = page.locator("[data-testid=stMain]")
        assert main.evaluate("element => element.scrollWidth") <= 390
