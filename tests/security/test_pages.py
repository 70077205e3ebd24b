"""What hostile pages and hostile data do in a real browser: nothing."""

import http.server
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import plotly.graph_objects as go
import pytest
from evidently.legacy.renderers.html_widgets import plotly_figure
from sqlalchemy import func, select

from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect
from pipeline.store.tables import predictions
from reporting.evidently_reports.document import Report, heading, table
from tests.support.processes.servers import serving
from tests.webapp.stack import Stack

pytestmark = pytest.mark.slow

EVIL = "</script><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
FORM = """<form method=post enctype="multipart/form-data" action="http://127.0.0.1:{port}{path}"
target=_self><textarea name="rows">1</textarea></form><script>document.forms[0].submit()</script>"""
FETCH = """<script>fetch("http://127.0.0.1:{port}/predict", {{method: "POST", mode: "no-cors",
body: '{{"features":[1]}}'}}).then(() => document.title = "sent",
() => document.title = "sent")</script>"""
FRAME = (
    """<iframe src="http://127.0.0.1:{port}/docs" """
    """onload="document.title = 'loaded'"></iframe>"""
)


@contextmanager
def page_of_somebody_else(content):
    """On another port: another origin, and with a name of its own another site."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def server(cancer, tmp_path_factory):
    with serving(cancer.copy(tmp_path_factory.mktemp("pages"))) as server:
        yield server


@pytest.fixture
def page(chromium):
    with chromium.new_page() as page:
        yield page


def recorded(server):
    engine = connect(StoreSettings(url=server.installation.settings().store.url))
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(predictions))
    engine.dispose()
    return count


@pytest.mark.parametrize("path", ["/predict/file", "/predict", "/feedback"])
def test_a_form_of_another_site_is_refused(server, page, path):
    content = FORM.format(port=server.port, path=path)
    with page_of_somebody_else(content) as port:
        with page.expect_response(lambda answer: str(server.port) in answer.url) as caught:
            page.goto(f"http://evil.example:{port}/")
        assert caught.value.status == 403
    assert recorded(server) == 0


def test_so_is_a_request_that_needs_no_leave(server, page):
    with page_of_somebody_else(FETCH.format(port=server.port)) as port:
        page.goto(f"http://evil.example:{port}/")
        page.wait_for_function("document.title === 'sent'")
    assert recorded(server) == 0


def test_a_name_that_points_here_is_not_answered(server, page):
    """The page then has the same origin as what it asks."""
    answer = page.goto(f"http://evil.example:{server.port}/schema")
    assert answer.status == 421
    assert "features" not in page.content()


def test_the_page_to_try_the_api_asks_no_other_host(server, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"http://127.0.0.1:{server.port}/docs")
    page.get_by_text("/predict/batch").first.wait_for()
    here = f"http://127.0.0.1:{server.port}/"
    assert [url for url in asked if not url.startswith((here, "data:"))] == []


def test_pages_are_not_framed(server, page):
    with page_of_somebody_else(FRAME.format(port=server.port)) as port:
        page.goto(f"http://evil.example:{port}/")
        page.wait_for_function("document.title === 'loaded'")
        assert page.frames[1].url.startswith("chrome-error://")


@pytest.fixture(scope="module")
def stack(cancer, tmp_path_factory):
    stack = Stack(cancer.copy(tmp_path_factory.mktemp("names")))
    stack.start_serving()
    stack.start_page()
    yield stack
    stack.stop_all()


def test_our_page_shows_nothing_under_a_name_that_points_here(stack, page):
    page.goto(f"{stack.page}/monitoring")
    page.get_by_role("heading", name="Monitoring").wait_for()
    page.goto(f"{stack.page.replace('127.0.0.1', 'evil.example')}/monitoring")
    page.wait_for_timeout(3_000)
    assert page.get_by_role("heading", name="Monitoring").count() == 0


def test_text_in_the_data_runs_nowhere_in_a_report(page, tmp_path):
    chart = plotly_figure(title=EVIL, figure=go.Figure(go.Bar(x=["a", EVIL], y=[1, 2])))
    widgets = [heading(EVIL), table(EVIL, [EVIL], [[EVIL]]), chart]
    Report(datetime.now(UTC), None, widgets, {}, []).write(tmp_path, "latest")
    page.goto(f"file://{tmp_path}/latest.html")
    page.wait_for_selector(".main-svg")
    assert page.get_by_text("document.title='run'").first.is_visible()
    assert page.title() == "Boucle"


def test_nor_does_a_script_that_gets_into_it(page, tmp_path):
    """Should Evidently ever draw text as it is, the page's own policy stops it."""
    Report(datetime.now(UTC), None, [heading("A report")], {}, []).write(tmp_path, "latest")
    path = tmp_path / "latest.html"
    path.write_text(path.read_text().replace("<body>", f"<body>{EVIL}"))
    page.goto(f"file://{path}")
    page.wait_for_selector("text=A report")
    assert page.title() == "Boucle"
