import subprocess
import sys
import time

import pytest

from pipeline.setting_tables import ReportingSettings
from reporting import subprocesses
from reporting.subprocesses import Processes


class Starts:
    """Starts in place of the modules something that sleeps, or ends with a code."""

    def __init__(self):
        self.modules = []
        self.code = 0

    def __call__(self, module, *options, before=()):
        self.modules.append(module)
        script = (
            "import time; time.sleep(60)" if module.endswith("project") else f"exit({self.code})"
        )
        return subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)


@pytest.fixture
def starts(monkeypatch):
    starts = Starts()
    monkeypatch.setattr(subprocesses, "_start", starts)
    return starts


def look(running, times=3):
    """As __main__ does each second."""
    for _ in range(times):
        if running._snapshot is not None:
            running._snapshot.wait()
        assert running.find_dead() is None


def test_a_report_is_made_at_the_start_and_then_on_time(starts):
    with Processes(ReportingSettings(), lambda: 0) as running:
        look(running)
        assert starts.modules.count("reporting.snapshot") == 1
        running._due = time.monotonic()
        look(running)
    assert starts.modules.count("reporting.snapshot") == 2


def test_the_first_report_with_enough_rows_is_not_put_off(starts):
    enough = []
    with Processes(ReportingSettings(), lambda: len(enough)) as running:
        look(running)
        enough.append("rows")
        look(running)
    assert starts.modules.count("reporting.snapshot") == 2


def test_a_report_that_fails_is_logged_and_made_again_sooner(starts, caplog):
    starts.code = 1
    with Processes(ReportingSettings(), lambda: 0) as running:
        look(running, times=2)
        assert running._due < time.monotonic() + 301
    assert "No report was made" in caplog.text


def test_a_dead_ui_is_named(starts):
    with Processes(ReportingSettings(), lambda: 0) as running:
        running._ui.kill()
        running._ui.wait()
        assert running.find_dead() == "the Evidently UI"


def test_leaving_ends_them_all(starts):
    with Processes(ReportingSettings(), lambda: 0) as running:
        look(running, times=1)
    assert running._ui.poll() is not None
