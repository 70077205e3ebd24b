"""Any upload gets a sentence or an answer, never a traceback."""

import pytest
import requests

from tests.webapp.predict_page.strange_files import strange_files
from tests.webapp.predict_page.test_page import open_page, visit_of

pytestmark = pytest.mark.slow
LEAST = 300


@pytest.mark.parametrize("name", ["digits_stack", "cancer_stack"])
def test_three_hundred_files(request, monkeypatch, name):
    """A 16-bit and a very wide PNG crashed the page, and again on coming back."""
    stack = request.getfixturevalue(name)
    schema = requests.get(f"{stack.serving}/schema", timeout=10).json()
    row = {feature["name"]: feature["example"] for feature in schema["features"]}
    if schema["kind"] == "image":
        row = {f"pixel_{place}": 0.0 for place in range(64)}
    files = list(strange_files(row))
    assert len(files) >= LEAST
    page = open_page(monkeypatch, stack)
    for file, content in files:
        page.file_uploader[0].set_value((file, content, "application/octet-stream")).run()
        assert not page.exception, file
        visit = visit_of(page)
        assert visit.predictions or page.error or visit.pending, file
