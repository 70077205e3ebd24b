"""monitor_drift.py as a scheduler runs it: the last line, the exit code, the retraining asked."""

import os
import re
import subprocess
import sys

import pytest

from scripts.preparation.churn_snapshots import write_snapshots
from tests.support.processes.servers import ROOT, serving

pytestmark = pytest.mark.slow  # each run imports Evidently


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    folder = tmp_path_factory.mktemp("months")
    write_snapshots(folder, months=4, rows=1_000, drift="covariate")
    return folder


def monitor(folder, *arguments, **environment):
    """Run it in a folder, as an ordinary user without a home; the finished process."""
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "monitor_drift.py", *map(str, arguments)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def files(months, reference, current):
    return (
        "--reference",
        months / f"2024-{reference}.csv",
        "--current",
        months / f"2024-{current}.csv",
    )


def test_without_drift_it_ends_with_0_and_no_action(months, tmp_path):
    done = monitor(tmp_path, *files(months, "01-31", "02-29"))
    name = "reporting/reports/drift_2024-01-31_vs_2024-02-29"
    assert done.returncode == 0, done.stderr
    line = (
        f"[Evidently] report_html={name}.html report_json={name}.json drift_share=0.00 "
        "value_drift_col=churn_label -> NO_ACTION drift_share=0.00 < 0.30 (target_drift=0.0"
    )
    assert re.fullmatch(re.escape(line) + r"\d*\)\n", done.stdout)
    assert (tmp_path / f"{name}.html").stat().st_size > 1_000_000


def test_with_drift_it_ends_with_3_and_asks_serving(months, tmp_path, cancer):
    with serving(cancer.copy(tmp_path / "serving")) as server:
        url, key = f"http://127.0.0.1:{server.port}", server.installation.key("admin")
        drifted = files(months, "01-31", "03-31")
        done = monitor(tmp_path, *drifted, "--trigger", "--url", url, ADMIN_KEY=key)
        assert done.returncode == 3, done.stderr
        assert "-> RETRAINING_TRIGGERED drift_share=" in done.stdout.splitlines()[-1]
        headers = {"Authorization": f"Bearer {key}"}
        (job,) = server.client.get("/retrainings", headers=headers).json()["retrainings"]
        assert f"Serving queued retraining {job['id']}." in done.stderr


def test_a_retraining_that_cannot_be_asked_for_is_an_error(months, tmp_path):
    drifted = files(months, "01-31", "03-31")
    done = monitor(tmp_path, *drifted, "--trigger", "--url", "http://127.0.0.1:1", ADMIN_KEY="k")
    assert done.returncode == 1
    assert "Serving at http://127.0.0.1:1 did not take the retraining" in done.stderr


def test_a_file_that_is_not_there_is_an_error_and_no_decision(tmp_path):
    done = monitor(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "data/churn/2024-01-31.csv: there is no such file." in done.stderr
