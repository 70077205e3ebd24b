"""Services of a Procfile side by side: what they write, how one ends all, and Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.stack.run_services import read_procfile
from tests.support.processes.servers import ROOT, wait_for

STAY = f"{sys.executable} -c 'import time; print(\"up\"); time.sleep(600)'"


@pytest.fixture
def start(tmp_path):
    """Start it in a session of its own, as a terminal would, and leave nothing behind."""
    started = []

    def start(text, *options):
        (tmp_path / "Procfile").write_text(text)
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "scripts.stack.run_services", *options],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT), "WORD": "outside"},
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def read_until(process, wanted):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError(f"{wanted!r} is not in {lines}")


def runs(pid):
    """Whether it does; one that ended may wait for whoever adopted it to notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_ours_names_the_services():
    named = dict(read_procfile((ROOT / "Procfile").read_text()))
    assert list(named) == ["serving", "trainer", "webapp", "reporting", "status"]


def test_comments_and_empty_lines_are_no_services():
    assert dict(read_procfile("# a: b\n\nweb: x y\n")) == {"web": "x y"}


def test_each_line_has_the_name_of_its_service_before_it(start):
    process = start(
        f"one: {STAY}\nother: WORD=${{WORD}}! sh -c 'echo $WORD; printf cut; sleep 600'\n"
    )
    lines = read_until(process, "outside!")
    assert any(" other | outside!" in line for line in lines)
    if not any("up" in line for line in lines):  # whichever is first
        lines = read_until(process, "up")
    assert any(" one   | up" in line for line in lines)


def test_when_one_ends_all_do_and_its_code_is_told(start):
    process = start(f"stays: {STAY}\nends: sh -c 'echo last words; printf \"and more\"; exit 3'\n")
    shown = process.stdout.read()
    assert process.wait(timeout=30) == 3
    assert "| last words\n" in shown
    assert "| and more\n" in shown
    assert "ends ended with 3: all end" in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_ends_all_and_what_they_started(start, number):
    process = start("web: sh -c 'sleep 600 & echo child $! of $$; wait'\n")
    words = read_until(process, "child")[-1].split()
    pids = [int(word) for word in (words[4], words[6])]
    process.send_signal(number)
    assert process.wait(timeout=30) == 0
    assert [runs(pid) for pid in pids] == [False, False]


def test_one_that_does_not_heed_is_killed(start):
    deaf = "deaf: sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 1; done'\n"
    process = start(deaf, "--patience", "0.5")
    read_until(process, "| deaf")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) == 0


def test_when_nobody_reads_any_more_nothing_is_left_behind(start):
    process = start("web: sh -c 'echo pid $$; while :; do echo more; sleep 0.1; done'\n")
    pid = int(read_until(process, "pid")[-1].split()[-1])
    process.stdout.close()
    assert process.wait(timeout=30) != 0
    wait_for(lambda: not runs(pid))


def test_it_imports_nothing_that_is_large():
    ask = "import sys, scripts.stack.run_services; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True
    )
    packages = {"pydantic", "requests", "numpy", "sqlalchemy", "asyncio", "logging"}
    assert packages & set(told.stdout.split()) == set()
