"""Every page in both themes, looked at by axe: what a screen reader would stumble on."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.webapp.test_browser import SECONDS
from tests.webapp.test_browser_pages import predict

pytestmark = pytest.mark.slow

PAGES = ("", "predict", "history", "review", "model", "monitoring")


@pytest.fixture(scope="module")
def stack(cancer_stack):
    cancer_stack.start_page()
    predict(cancer_stack, 30)  # so that each page has something to show
    return cancer_stack


@pytest.fixture(params=["light", "dark"])
def theme(request):
    return request.param


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(chromium, stack, theme, path):
    page = chromium.new_page(viewport={"width": 1300, "height": 1000}, color_scheme=theme)
    page.set_default_timeout(SECONDS)
    page.goto(f"{stack.page}/{path}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=SECONDS)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2_000)  # charts and buttons come after the heading
    found = Axe().run(page).response["violations"]
    names = page.locator("[aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)")
    page.close()
    assert not [name for name in names if "\\" in name or ":small" in name], "Markdown is said"
    serious = {
        f"{one['id']}: {node['html'][:150]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    }
    assert not serious
