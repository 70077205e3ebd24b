import subprocess
import sys
import time

import msgspec
import pytest

from pipeline.setting_tables import ReportingSettings
from reporting import subprocesses
from reporting.monitoring.memory import Memory
from reporting.news import FILE, count_news
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


def test_a_report_is_made_at_the_start_and_then_on_time(starts, tmp_path):
    with Reports(ReportingSettings(reports=tmp_path)) as running:
        look(running)
        assert starts.modules.count("reporting.snapshot") == 1
        running._due = time.monotonic()
        look(running)
    assert starts.modules.count("reporting.snapshot") == 2


def test_what_began_is_reported_at_once(starts, tmp_path):
    """The passes say so by their memory, which may be another container's."""
    with Reports(ReportingSettings(reports=tmp_path)) as running:
        look(running)
        (tmp_path / FILE).write_bytes(msgspec.json.encode(Memory(news=1)))
        look(running)
    assert starts.modules.count("reporting.snapshot") == 2


def test_a_report_that_fails_is_logged_and_made_again_sooner(starts, tmp_path, caplog):
    starts.code = 1
    with Reports(ReportingSettings(reports=tmp_path)) as running:
        look(running, times=2)
        assert running._due < time.monotonic() + 301
    assert "No report was made" in caplog.text


def test_leaving_ends_the_one_that_is_made(starts, tmp_path):
    with Reports(ReportingSettings(reports=tmp_path)) as running:
        running.make()
        made = running._snapshot
    assert made.poll() is not None


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"news": "x"}', b"\xff"])
def test_a_damaged_memory_is_no_news(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    assert count_news(tmp_path) == 0
