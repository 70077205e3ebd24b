"""`python -m reporting` for real: both parts, what a browser shows of them, and how they end."""

import os
import re
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.reporting.conftest import place_reports
from tests.reporting.processes import PROJECT_PAGE, Reporting
from tests.support.processes.servers import wait_for
from tests.webapp.browser import find_chromium, open_browser

pytestmark = pytest.mark.slow
START_SECONDS = 120  # the import of Evidently alone costs 5 s of CPU, on a busy machine far more


@pytest.fixture(scope="module")
def running(watched):
    """Reporting over an installation with traffic, when its first report is in the project."""
    watched.run(rows=600, labelled=300)
    reporting = Reporting(watched.installation)
    try:
        wait_for(reporting.figures, START_SECONDS)
        wait_for(reporting.projects, START_SECONDS)
        wait_for(lambda: reporting.shows_run("version 0001"), START_SECONDS)
        wait_for((reporting.wanted.reports / "latest.html").exists, START_SECONDS)
        yield reporting
    finally:
        reporting.end()


@pytest.fixture(scope="module")
def chromium():
    """A module's own: Playwright's loop must not outlive it, other tests have theirs."""
    with open_browser(find_chromium()) as browser:
        yield browser


@pytest.fixture
def page(chromium):
    """A page that notes each error, and each address that it asks but ours."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.noted = []
    page.on("console", lambda said: said.type == "error" and page.noted.append(said.text))
    page.on("pageerror", lambda error: page.noted.append(str(error)))
    page.on("request", lambda asked: _is_ours(asked.url) or page.noted.append(asked.url))
    yield page
    page.close()


def _is_ours(url):
    return re.match(r"http://127\.0\.0\.1:|file:|data:|blob:", url) is not None


def test_the_exporter_has_figures_and_says_how_fresh_they_are(running):
    figures = running.figures()
    for name in ("drift_share ", "model_score{", "reporting_last_pass_timestamp_seconds "):
        assert f"\n{name}" in figures


def test_the_ui_lists_one_project(running):
    assert re.findall(
        r'"name":"([^"]+)"', running.get(running.wanted.ui_port, "/api/v2/projects")
    ) == ["Boucle"]


def test_the_project_page_shows_every_panel_with_figures(running, page):
    page.goto(running.url + PROJECT_PAGE)
    for title in ("Features without drift", "p-values", "Quality of the model", "F1 by label"):
        page.get_by_text(title, exact=True).wait_for()
    page.get_by_text("expected, balanced", exact=True).wait_for()
    assert page.get_by_text("no value").count() == 0
    assert page.noted == []


def test_a_report_can_be_opened_from_the_project(running, page):
    page.goto(f"{running.url}{PROJECT_PAGE}/reports")
    page.get_by_text("View", exact=True).first.click()
    page.get_by_text("Version 0001: nothing moved").wait_for()
    assert page.noted == []


def test_the_latest_page_stands_alone(running, page):
    page.goto((running.wanted.reports / "latest.html").as_uri())
    page.get_by_text("Version 0001: nothing moved").wait_for()
    page.get_by_text("Importance: balanced accuracy that is lost").wait_for()
    assert page.title() == "Boucle"
    assert page.noted == []


def test_both_listen_on_this_machine_alone(running):
    for port in (running.wanted.port, running.wanted.ui_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port)).close()


def test_the_ui_refuses_changes(running):
    request = urllib.request.Request(
        f"{running.url}/api/projects", b'{"name": "another"}', {"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    with refused.value as answer:
        assert answer.code in (401, 403)


def test_the_ui_tells_nobody(running):
    environment = Path(f"/proc/{running.find_ui()}/environ").read_bytes().split(b"\0")
    assert b"DO_NOT_TRACK=1" in environment
    assert not [line for line in environment if line.startswith(b"HOME=")]


def is_alive(pid):
    return Path(f"/proc/{pid}").exists()


def start(traffic):
    reporting = Reporting(traffic.installation)
    wait_for(reporting.projects, START_SECONDS)
    return reporting


def test_started_before_any_other_it_finds_no_fault(cancer, tmp_path):
    """Its compose file alone left it failing, with SQL in the log: only serving made the tables."""
    reporting = Reporting(place_reports(cancer.copy(tmp_path / "first")))
    try:
        ended = "reporting_last_pass_timestamp_seconds "
        wait_for(lambda: ended in (reporting.figures() or ""), START_SECONDS)
        assert "reporting_pass_errors_total 0.0" in reporting.figures()
    finally:
        reporting.end()


def test_killed_and_started_again_it_is_the_same_project(fresh):
    first = start(fresh)
    before, ui = wait_for(first.projects), first.find_ui()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    wait_for(lambda: not is_alive(ui), 20)
    first.end()
    second = start(fresh)
    assert wait_for(second.projects) == before
    second.process.terminate()
    assert second.process.wait(timeout=30) == 0


def health(reporting):
    return (reporting.get(reporting.wanted.ui_port, "/health") or "").strip()


def test_the_ui_starts_when_somebody_looks_and_rests_when_nobody_does(fresh):
    reporting = Reporting(fresh.installation.with_knobs(REPORTING__UI_IDLE_MINUTES="0.05"))
    try:
        wait_for(lambda: health(reporting) == "resting", START_SECONDS)
        assert reporting.find_ui() is None
        with pytest.raises(urllib.error.HTTPError) as early:
            urllib.request.urlopen(reporting.url, timeout=20)
        with early.value as answer:
            assert (answer.code, b"Evidently is starting" in answer.read()) == (503, True)
        wait_for(reporting.projects, START_SECONDS)
        wait_for(lambda: health(reporting) == "up", START_SECONDS)
        wait_for(lambda: health(reporting) == "resting", START_SECONDS)
        assert reporting.find_ui() is None
        wait_for(reporting.projects, START_SECONDS)
    finally:
        reporting.end()


def test_a_ui_that_dies_comes_again_for_the_next_who_asks(fresh):
    reporting = start(fresh)
    try:
        os.kill(reporting.find_ui(), signal.SIGKILL)
        wait_for(lambda: health(reporting) == "resting", 30)
        wait_for(reporting.projects, START_SECONDS)
        assert "The Evidently UI ended with -9" in reporting.log.read_text()
    finally:
        reporting.end()


def test_the_port_of_the_ui_knows_its_names(fresh):
    reporting = start(fresh)
    try:
        os.kill(reporting.find_ui(), signal.SIGKILL)
        wait_for(lambda: health(reporting) == "resting", 30)
        foreign = urllib.request.Request(reporting.url, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(foreign, timeout=20)
        with refused.value as answer:
            assert answer.code == 421
        assert health(reporting) == "resting"
    finally:
        reporting.end()


def test_a_taken_port_is_named(fresh):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", fresh.installation.settings().reporting.port))
        taken.listen()
        reporting = Reporting(fresh.installation)
        assert reporting.process.wait(timeout=60) == 1
    assert f"cannot listen on 127.0.0.1:{reporting.wanted.port}" in reporting.log.read_text()
