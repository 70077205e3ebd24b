"""Takes the pictures of the page that the README shows, from a real installation: `make
screenshots`. It needs Debian's chromium."""

import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import requests
from playwright.sync_api import Browser, Page
from sklearn.datasets import load_digits

from pipeline.registry.prepared import load_prepared
from pipeline.store.database import connect
from pipeline.store.encoding import rows_to_bytes
from pipeline.store.feedback_log import write_feedback
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import Feedback, new_ids
from serving.scoring.live_model import load_model
from tests.support.models_and_records.installations import make_installation
from tests.support.processes.servers import wait_for
from tests.webapp.browser import find_chromium, open_browser
from tests.webapp.stack import Stack

FOLDER = Path(__file__).parent
PARTS = 48  # of the day that the overview shows
ROWS = 74  # one retraining, and some more answers
SECONDS = 120_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        forest = {"TRAINING__PARAMETERS": '{"n_estimators": 100}'}
        knobs = {"RETRAINING__PATIENCE_SECONDS": "0"}
        stack = Stack(make_installation(Path(folder), "digits", **forest, **knobs))
        try:
            stack.start_serving()
            remember(stack)
            stack.start_trainer()
            stack.start_page()
            teach(stack)
            with open_browser(find_chromium()) as browser:
                take_all(browser, stack)
        finally:
            stack.stop_all()


def remember(stack: Stack) -> None:
    """A day of predictions on rows of the holdout, half of them answered; blurred after noon."""
    installation, random = stack.installation, np.random.default_rng(0)
    settings, artifacts = installation.settings(), installation.artifacts()
    live, holdout = load_model(artifacts.current()), load_prepared(settings, artifacts).holdout
    engine, now = connect(settings.store), time.time()
    for part in range(PARTS):
        at = now - 86_400 * (1 - part / PARTS)
        picked = random.integers(0, len(holdout), 25)
        noise = random.normal(size=(25, holdout.values.shape[1])) * holdout.values.std(axis=0)
        vectors = holdout.values[picked] + noise * (0.6 if part > PARTS // 2 else 0.2)
        places, shares = live.scorer.score(vectors)
        ids, said = new_ids(at, 25), [live.scorer.labels[place] for place in places.tolist()]
        facts = zip(ids, rows_to_bytes(vectors), said, rows_to_bytes(shares), strict=True)
        name, seen = live.embedding.embedding_id, msgspec.json.encode([0.0] * 64)
        with contextlib.closing(PredictionWriter(engine)) as log:
            log.write([(i, at, live.version, name, seen, v, 0.1, p, s) for i, v, p, s in facts])
        answers = [
            Feedback(str(holdout.targets[place]), prediction_id=number)
            for number, place in zip(ids, picked, strict=True)
            if random.random() < 0.5 and part < PARTS - 6
        ]
        with engine.begin() as connection:
            write_feedback(connection, answers, every=1_000_000)
    engine.dispose()


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
    take(open_page(browser, stack, "", 1200, "light"), "page-overview")
    predicted = open_page(browser, stack, "/predict", 1200, "light")
    predicted.locator(".st-key-samples button").nth(3).click()
    predicted.get_by_role("button", name="Why?").click()
    predicted.get_by_text("Green speaks for it").wait_for()
    take(predicted, "page-predict")
    take(open_page(browser, stack, "/review", 1200, "light"), "page-review")
    history = open_page(browser, stack, "/history", 1200, "light")
    history.get_by_role("radio", name="Select").first.click()
    history.get_by_text("What was observed").or_(history.get_by_text("Id")).first.wait_for()
    take(history, "page-history")
    take(open_page(browser, stack, "/model", 1200, "light"), "page-model")
    narrow = open_page(browser, stack, "/predict", 390, "dark")
    narrow.locator(".st-key-samples button").nth(4).click()
    narrow.get_by_text("Is it right?").wait_for()
    take(narrow, "page-narrow")


def open_page(browser: Browser, stack: Stack, path: str, width: int, scheme: Any) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_default_timeout(SECONDS)
    page.goto(stack.page + path)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_timeout(3_000)
    return page


def take(page: Page, name: str) -> None:
    """The whole page, as high as it is."""
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
