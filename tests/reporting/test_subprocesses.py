import subprocess
import sys
import time

import pytest

from pipeline.setting_tables import ReportingSettings
from reporting import subprocesses
from reporting.subprocesses import Reports


class Starts:
    """Starts in place of the modules something that ends with a code."""

    def __init__(self):
        self.modules = []
        self.code = 0

    def __call__(self, module, *options, before=()):
        self.modules.append(module)
        return subprocess.Popen([sys.executable, "-c", f"exit({self.code})"], stdin=subprocess.PIPE)


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
        running.make()


def test_a_report_is_made_at_the_start_and_then_on_time(starts):
    with Reports(ReportingSettings(), lambda: 0) as running:
        look(running)
        assert starts.modules.count("reporting.snapshot") == 1
        running._due = time.monotonic()
        look(running)
    assert starts.modules.count("reporting.snapshot") == 2


def test_the_first_report_with_enough_rows_is_not_put_off(starts):
    enough = []
    with Reports(ReportingSettings(), lambda: len(enough)) as running:
        look(running)
        enough.append("rows")
        look(running)
    assert starts.modules.count("reporting.snapshot") == 2


def test_a_report_that_fails_is_logged_and_made_again_sooner(starts, caplog):
    starts.code = 1
    with Reports(ReportingSettings(), lambda: 0) as running:
        look(running, times=2)
        assert running._due < time.monotonic() + 301
    assert "No report was made" in caplog.text


def test_leaving_ends_the_one_that_is_made(starts):
    with Reports(ReportingSettings(), lambda: 0) as running:
        running.make()
        made = running._snapshot
    assert made.poll() is not None
