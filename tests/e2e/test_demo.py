"""`make run` on a fresh installation, and `make demo` beside it: the closed loop from outside."""

import os
import re
import signal
import subprocess

import pytest

from pipeline.settings import PREFIX
from tests.support.models_and_records.installations import Installation
from tests.support.processes.servers import ROOT, free_port, wait_for

pytestmark = pytest.mark.slow
LOST = 10.1  # points that the demo allows a version that has learned, and their rounding


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A folder of its own for all that is written, and ports of its own."""
    folder = tmp_path_factory.mktemp("run")
    knobs = {
        "SERVING__PORT": str(free_port()),
        "REPORTING__PORT": str(free_port()),
        "REPORTING__UI_PORT": str(free_port()),
        "REPORTING__EVERY_SECONDS": "5",
        "REPORTING__REPORTS": str(folder / "reports"),
        "REPORTING__WORKSPACE": str(folder / "workspace"),
        "RETRAINING__PATIENCE_SECONDS": "5",
    }
    outside = {n: text for n, text in os.environ.items() if not n.startswith(("MAKE", PREFIX))}
    return {
        **outside,
        **Installation(folder, knobs).environment,
        "STREAMLIT_SERVER_PORT": str(free_port()),
        "PROMETHEUS_URL": f"http://127.0.0.1:{free_port()}",
    }


@pytest.fixture(scope="module")
def running(environment, tmp_path_factory):
    """`make run`, once it says that all is up; what it prints is a file."""
    log = tmp_path_factory.mktemp("log") / "run.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: "All is up." in log.read_text() or process.poll(), seconds=150)
        assert process.poll() is None, log.read_text()
        yield process, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)  # a kill would leave the services behind
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def story(running, environment):
    done = subprocess.run(
        ["make", "demo"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(story, name):
    return float(re.search(rf"^{name} +([\d.]+)%?$", story, re.MULTILINE)[1])


def test_every_service_has_its_line(running):
    text = running[1].read_text()
    for what in ("the API", "the page", "Evidently", "figures"):
        assert re.search(rf"{what} +is up after", text)


def compared(story, name):
    """The balanced accuracy of Boucle and of plain retraining, in %."""
    found = re.search(rf"^{name} +\d+ +([\d.]+)% +([\d.]+)%$", story, re.MULTILINE)
    return float(found[1]), float(found[2])


def test_a_moved_camera_costs_quality_until_feedback_has_taught_it(story):
    before, _ = compared(story, "before")
    assert compared(story, "moved")[0] < before - 10
    assert compared(story, "moved, learned")[0] >= before - LOST


def test_the_change_is_detected_and_the_quality_comes_back(story):
    assert told(story, "rows until the alarm") <= 300
    before, _ = compared(story, "before")
    assert compared(story, "changed")[0] < before - 5
    assert compared(story, "changed, learned")[0] >= before - LOST


def test_no_prediction_failed_in_the_whole_story(story):
    assert told(story, "predictions that failed") == 0


def test_a_second_run_names_the_taken_ports(running, environment):
    done = subprocess.run(
        ["make", "run"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"Port {environment['BOUCLE_SERVING__PORT']}, for the API, is taken" in done.stderr


def test_one_ctrl_c_stops_all(running, story):
    process, log = running
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=60)
    assert not subprocess.run(
        ["pgrep", "--session", str(process.pid)], capture_output=True, check=False
    ).stdout, log.read_text()
