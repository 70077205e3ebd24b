"""Debian's Chromium, headless; the tests that need it skip with a reason where it is not."""

import contextlib
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

PATIENCE = 60_000  # milliseconds: the machine may be busy; nothing here waits for the clock
SWITCHES = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a moving picture
    "--use-fake-ui-for-media-stream",
]


def find_chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium here: apt install chromium")
    return path


@contextlib.contextmanager
def open_browser(path, *more):
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*SWITCHES, *more])
        try:
            yield browser
        finally:
            browser.close()
