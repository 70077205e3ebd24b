"""An installation for images and one for tables, of the page's own; and one browser."""

import pytest

from tests.webapp.browser import find_chromium, open_browser
from tests.webapp.stack import Stack

LOOP = {"RETRAINING__GATE": "off", "RETRAINING__PATIENCE_SECONDS": "0"}


def run_stack(installation):
    stack = Stack(installation)
    try:
        stack.start_serving()
        yield stack
    finally:
        stack.stop_all()


@pytest.fixture(scope="session")
def digits_stack(digits, tmp_path_factory):
    """Serving with the digits; every third answer retrains."""
    folder = tmp_path_factory.mktemp("digits-page")
    yield from run_stack(digits.copy(folder, **LOOP, RETRAINING__EVERY="3"))


@pytest.fixture(scope="session")
def cancer_stack(cancer, tmp_path_factory):
    """Serving with a table of thirty features."""
    yield from run_stack(cancer.copy(tmp_path_factory.mktemp("cancer-page"), **LOOP))


@pytest.fixture(scope="session")
def chromium():
    with open_browser(find_chromium()) as browser:
        yield browser


@pytest.fixture
def here(monkeypatch, cancer_stack):
    """The table's installation, where a page that runs in the test finds it."""
    monkeypatch.chdir(cancer_stack.folder)
    monkeypatch.setenv("SERVING_URL", cancer_stack.serving)
    return cancer_stack
