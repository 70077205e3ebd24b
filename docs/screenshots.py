"""Takes the pictures of the page that the README shows, from a real installation: `make
screenshots`. It needs Debian's chromium."""

import tempfile
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page
from sklearn.datasets import load_digits

from tests.support.installations import make_installation
from tests.support.servers import wait_for
from tests.webapp.browser import find_chromium, open_browser
from tests.webapp.stack import Stack

FOLDER = Path(__file__).parent
ROWS = 74  # one retraining, and some more answers
SECONDS = 120_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        forest = {"TRAINING__PARAMETERS": '{"n_estimators": 100}'}
        knobs = {"RETRAINING__PATIENCE_SECONDS": "0"}
        stack = Stack(make_installation(Path(folder), "digits", **forest, **knobs))
        try:
            stack.start_serving()
            stack.start_trainer()
            stack.start_page()
            teach(stack)
            with open_browser(find_chromium()) as browser:
                take_all(browser, stack)
        finally:
            stack.stop_all()


def teach(stack: Stack) -> None:
    """Predict, tell the truth, and wait for the retraining."""
    bunch = load_digits()
    with requests.Session() as session:
        for pixels, target in list(zip(bunch.data, bunch.target, strict=True))[:ROWS]:
            body = {"features": pixels.tolist()}
            said = session.post(f"{stack.serving}/predict", json=body, timeout=30).json()
            truth = {"prediction_id": said["prediction_id"], "target": int(target)}
            session.post(f"{stack.serving}/feedback", json=truth, timeout=30).raise_for_status()
    wait_for(lambda: is_over(stack.loop()), seconds=300)


def is_over(loop: dict[str, Any]) -> bool:
    states = [one["state"] for one in loop["retrainings"]]
    return bool(states) and not {"queued", "running"} & set(states)


def take_all(browser: Browser, stack: Stack) -> None:
    predicted = open_page(browser, stack, "/predict", 1200, "light")
    predicted.locator(".st-key-samples button").nth(3).click()
    take(predicted, "page-predict")
    take(open_page(browser, stack, "/model", 1200, "light"), "page-model")
    narrow = open_page(browser, stack, "/predict", 390, "dark")
    narrow.locator(".st-key-samples button").nth(4).click()
    take(narrow, "page-narrow")


def open_page(browser: Browser, stack: Stack, path: str, width: int, scheme: Any) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_default_timeout(SECONDS)
    page.goto(stack.page + path)
    page.get_by_role("progressbar").first.wait_for()
    return page


def take(page: Page, name: str) -> None:
    """The whole page, as high as it is."""
    if not page.url.endswith("/model"):
        page.get_by_text("Is it right?").wait_for()
    page.wait_for_timeout(1500)  # until nothing moves any more
    bottoms = "elements => elements.map(element => element.getBoundingClientRect().bottom)"
    height = int(max(page.locator("[data-testid=stElementContainer]").evaluate_all(bottoms)))
    width = page.evaluate("window.innerWidth")
    page.set_viewport_size({"width": width, "height": height + 50})
    page.mouse.move(0, height)
    page.wait_for_timeout(800)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
