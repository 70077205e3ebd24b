"""A browser in which evil.example is an address of this machine, as its owner may say it is."""

import pytest

from tests.webapp.browser import find_chromium, open_browser


@pytest.fixture(scope="module")  # while it is open, no other event loop can run
def chromium():
    with open_browser(find_chromium(), "--host-resolver-rules=MAP evil.example 127.0.0.1") as found:
        yield found
