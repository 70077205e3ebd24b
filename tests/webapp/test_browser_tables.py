"""Tables in Chromium: sorted and chosen from by mouse and keys, and no place for foreign HTML."""

import re

import pytest
from playwright.sync_api import expect

from tests.webapp.test_browser import SECONDS, visit
from tests.webapp.test_browser_pages import predict

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


@pytest.fixture(scope="module")
def stack(cancer_stack):
    cancer_stack.start_page()
    predict(cancer_stack, 120)
    return cancer_stack


@pytest.fixture
def history(chromium, stack):
    for page in visit(chromium, stack, path="/history"):
        expect(page.get_by_role("radio", name="Select").first).to_be_visible(timeout=SECONDS)
        yield page


def rows_of(page):
    return page.get_by_role("region", name="Predictions").locator("tbody tr")


def test_a_row_is_chosen_by_a_click_and_let_go_by_another(history):
    row = rows_of(history).nth(2)
    number = row.locator("td").last.inner_text()
    row.click()
    expect(history.locator(".st-key-record")).to_contain_text(number, timeout=SECONDS)
    row.click()
    expect(history.locator(".st-key-record")).to_have_count(0, timeout=SECONDS)


def test_a_double_click_opens_a_row(history):
    """Its second half closed it."""
    row = rows_of(history).nth(2)
    number = row.locator("td").last.inner_text()
    row.dblclick()
    history.wait_for_timeout(1_000)
    expect(history.locator(".st-key-record")).to_contain_text(number, timeout=SECONDS)


def test_a_double_click_turns_one_page(history):
    """It had to be turned back twice; and from the second page it broke the page."""
    newest = rows_of(history).first.locator("td").last
    number = newest.inner_text()
    history.get_by_role("button", name="Older").dblclick()
    expect(newest).not_to_have_text(number, timeout=SECONDS)
    history.get_by_role("button", name="Newer").dblclick()
    expect(newest).to_have_text(number, timeout=SECONDS)
    history.wait_for_timeout(1_000)
    expect(history.get_by_role("button", name="Newer")).to_be_disabled()
    expect(history.get_by_test_id("stException")).to_have_count(0)


def test_a_row_is_chosen_and_let_go_by_keys(history):
    history.get_by_role("radio", name="Select").first.focus()
    history.keyboard.press("ArrowDown")
    second = rows_of(history).nth(1).locator("td").last.inner_text()
    expect(history.locator(".st-key-record")).to_contain_text(second, timeout=SECONDS)
    expect(history.get_by_role("radio", name="Select").nth(1)).to_be_focused()
    history.keyboard.press("Escape")
    expect(history.locator(".st-key-record")).to_have_count(0, timeout=SECONDS)


def test_the_row_that_was_chosen_is_opened_after_sorting_too(history):
    header = history.get_by_role("columnheader", name="time")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    row = rows_of(history).last
    number = row.locator("td").last.inner_text()
    row.click()
    expect(history.locator(".st-key-record")).to_contain_text(number, timeout=SECONDS)


def look_at(page, tmp_path, content):
    (tmp_path / "own.csv").write_text(content)
    page.locator("input[type=file]").set_input_files(tmp_path / "own.csv")
    return page.get_by_role("region", name="Your own table")


def test_what_looks_like_html_is_text(chromium, stack, tmp_path):
    quoted = HOSTILE.replace('"', '""')
    rows = "".join(f'{n},"{quoted}",{"ab"[n % 2]}\n' for n in range(20))
    for page in visit(chromium, stack, path="/model"):
        table = look_at(page, tmp_path, f'"{quoted}",x,target\n{rows}')
        expect(table.get_by_text(HOSTILE).first).to_be_visible(timeout=SECONDS)
        assert table.locator("img").count() == 0
        assert page.title() != "taken"


def test_rows_beyond_the_first_come_by_scrolling(chromium, stack, tmp_path):
    names = ",".join(f"c{n}" for n in range(150))
    rows = "".join(",".join(f"{n * m % 97}" for m in range(150)) + f",{n % 2}\n" for n in range(30))
    for page in visit(chromium, stack, path="/model"):
        table = look_at(page, tmp_path, f"{names},target\n{rows}")
        expect(table.get_by_text("c99", exact=True)).to_be_attached(timeout=SECONDS)
        assert table.get_by_text("c140", exact=True).count() == 0
        table.evaluate("box => { box.scrollTop = box.scrollHeight; }")
        expect(table.get_by_text("c140", exact=True)).to_be_attached(timeout=SECONDS)


def test_a_narrow_page_is_no_wider_than_its_screen(chromium, stack):
    for page in visit(chromium, stack, width=390, path="/history"):
        expect(page.get_by_role("radio", name="Select").first).to_be_visible(timeout=SECONDS)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert re.search("auto|scroll", page.locator(".table").first.evaluate(OVERFLOW))


OVERFLOW = "box => getComputedStyle(box).overflowX"
