"""A project full of reports, and the time its page takes in a browser; used by `__main__.py`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

from pipeline.data.observed import Observed
from reporting.evidently_reports.dashboard import as_results, figures_of
from reporting.monitoring.checks import find
from reporting.project import open_project
from reporting.snapshot import report_on
from reporting.windows.current_window import read_window
from reporting.windows.reference_window import load_reference_window
from tests.reporting.processes import PROJECT_PAGE, Reporting
from tests.reporting.traffic import Traffic
from tests.webapp.browser import find_chromium, open_browser

LOADS = 10
DRAWN_EVERY = 5


def fill_project(traffic: Traffic) -> int:
    """As many full reports as are kept, an hour apart; towards the end the inputs move."""
    wanted = traffic.installation.settings().reporting
    project = open_project(wanted)
    baseline = load_reference_window(traffic.installation.artifacts(), wanted.minimum_rows)
    observed = Observed(baseline.schema)
    kind = (baseline.embedding_id, baseline.version, observed)
    start = datetime.now(UTC) - timedelta(hours=wanted.keep_snapshots)
    drawn = None
    for hour in range(wanted.keep_snapshots):
        traffic.run(wanted.window, labelled=300, moved=_moved(hour, wanted.keep_snapshots))
        window = read_window(traffic.engine, *kind, wanted.window)
        if hour % DRAWN_EVERY == 0:  # a page of its own for each would take minutes
            drawn = report_on(baseline, window, wanted, start).run
        assert drawn is not None
        figures = as_results(figures_of(find(baseline, window, wanted)))
        at = (start + timedelta(hours=hour)).replace(tzinfo=None)
        results = {**drawn.metric_results, **figures}
        project.add(drawn.copy(update={"timestamp": at, "metric_results": results}))
    return len(project.runs())


def _moved(hour: int, hours: int) -> float:
    """Standard deviations that each input is moved by: none, and for the last fifth ever more."""
    return max(0.0, 0.5 * (hour - 0.8 * hours) / (0.2 * hours))


def time_page(reporting: Reporting) -> float:
    """Seconds until every panel is drawn, the least of some loads: other work only adds to it."""
    with open_page() as page:
        return min(_time(page, reporting) for _ in range(LOADS))


def _time(page: Page, reporting: Reporting) -> float:
    start = time.monotonic()
    show(page, reporting)
    return time.monotonic() - start


def show(page: Page, reporting: Reporting) -> None:
    page.goto(reporting.url + PROJECT_PAGE)
    for legend in ("expected, balanced", "duplicate rows", "PCA residual"):
        page.get_by_text(legend, exact=True).wait_for()


def take_picture(reporting: Reporting, path: Path) -> None:
    with open_page() as page:
        show(page, reporting)
        page.wait_for_timeout(1500)  # until nothing moves any more
        page.screenshot(path=path, full_page=True)


@contextmanager
def open_page() -> Iterator[Page]:
    with open_browser(find_chromium()) as browser:
        yield browser.new_page(viewport={"width": 1280, "height": 900})
