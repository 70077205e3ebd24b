"""The page does without the large packages that Streamlit brings along for tables of its own."""

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from playwright.sync_api import expect

from tests.support.processes.servers import ROOT, wait_for
from tests.webapp.stack import Stack
from tests.webapp.test_browser import SECONDS, visit
from tests.webapp.test_browser_pages import predict, record

HERE = Path(__file__).parent
PAGES = ("", "/predict", "/history", "/review", "/model", "/monitoring")
WITH_CHARTS = ("", "/review")


@pytest.mark.slow
def test_no_page_loads_them(here):
    (one,) = predict(here)
    wait_for(lambda: record(here, one["prediction_id"]))
    command = [sys.executable, "-m", "tests.webapp.visits", one["prediction_id"]]
    done = subprocess.run(
        command, env=here.environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.fixture(scope="module")
def lacking(cancer_stack):
    """A page whose Python cannot import them, as in its image."""
    predict(cancer_stack, 3)
    yield from run_page_without(cancer_stack)


@pytest.fixture(scope="module")
def lacking_pictures(digits_stack):
    yield from run_page_without(digits_stack)


def run_page_without(stack):
    path = f"{HERE / 'without'}:{ROOT}"
    lacking = Stack(stack.installation, serving=stack.serving, path=path)
    try:
        lacking.start_page()
        yield lacking
    finally:
        lacking.stop_all()


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_every_page_works_where_they_cannot_be_loaded(chromium, lacking, path):
    for page in visit(chromium, lacking, path=path):
        page.wait_for_load_state("networkidle")
        if path in WITH_CHARTS:
            chart = page.locator("[data-testid=stVegaLiteChart] svg").first
            expect(chart).to_be_visible(timeout=SECONDS)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        icon = page.locator("link[rel*=icon]").get_attribute("href")
        assert icon.startswith("data:image/svg+xml")


@pytest.mark.slow
def test_a_file_is_answered_where_they_cannot_be_loaded(chromium, lacking):
    for page in visit(chromium, lacking):
        page.get_by_text("Upload a file").click()
        page.get_by_role("button", name="Try the sample file").click()
        expect(page.get_by_role("radio", name="Select")).to_have_count(20, timeout=SECONDS)


@pytest.mark.slow
def test_parquet_is_written_where_they_cannot_be_loaded(chromium, lacking):
    for page in visit(chromium, lacking, path="/history"):
        with page.expect_download() as file:
            page.get_by_role("button", name="Download as Parquet").click()
        assert pyarrow.parquet.read_table(file.value.path()).num_rows > 0


@pytest.mark.slow
def test_a_picture_is_explained_where_they_cannot_be_loaded(chromium, lacking_pictures):
    for page in visit(chromium, lacking_pictures):
        page.locator(".st-key-samples button").first.click()
        expect(page.locator(".st-key-asked img")).to_be_visible(timeout=SECONDS)
        page.get_by_role("button", name="Why?").click()
        expect(page.get_by_role("img", name="Why?")).to_be_visible(timeout=SECONDS)
