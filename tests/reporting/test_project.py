"""The Evidently project as files: made once, bounded, whole whatever happens."""

import json
import os
import subprocess
import sys
import time

import pytest
from evidently.sdk.models import DashboardModel
from evidently.ui.workspace import Workspace

from reporting.evidently_reports.dashboard import METRIC, PROJECT_ID, WORDS, dashboard
from reporting.project import Project, is_readable
from tests.reporting.runs import make_run
from tests.support.processes.servers import ROOT


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path / "workspace", keep=3)
    project.make()
    return project


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def evidently_reads(project):
    """The name and the runs that Evidently itself finds."""
    workspace = Workspace(str(project.folder))
    (found,) = workspace.list_projects()
    return found.name, len(workspace.list_runs(found.id))


def test_evidently_finds_the_project_and_its_runs(project):
    project.add(make_run())
    assert evidently_reads(project) == ("Boucle", 1)


def test_making_it_again_changes_nothing(project):
    project.add(make_run())
    before = contents(project.folder)
    project.make()
    assert contents(project.folder) == before
    assert evidently_reads(project) == ("Boucle", 1)


def test_the_runs_of_an_older_release_are_kept(project):
    """They lay one folder deeper."""
    project.add(make_run())
    (project.folder / "evidently").mkdir()
    project.home.rename(project.folder / "evidently" / str(PROJECT_ID))
    project.make()
    assert evidently_reads(project) == ("Boucle", 1)


@pytest.mark.slow
def test_the_command_of_the_course_makes_the_project_and_ends(tmp_path):
    """`cd reporting && python project.py && evidently ui` finds it in the folder `workspace`."""
    environment = {**os.environ, "BOUCLE_REPORTING__WORKSPACE": str(tmp_path / "workspace")}
    done = subprocess.run(
        [sys.executable, "project.py"],
        cwd=ROOT / "reporting",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "holds the project Boucle, reports: 0" in done.stderr
    assert evidently_reads(Project(tmp_path / "workspace", keep=3)) == ("Boucle", 0)


def test_panels_of_an_older_release_are_replaced_and_runs_kept(project):
    project.add(make_run())
    (project.home / "dashboard.json").write_text('{"tabs": [], "panels": []}')
    project.make()
    panels = DashboardModel.parse_obj(json.loads((project.home / "dashboard.json").read_bytes()))
    assert len(panels.panels) == len(dashboard().panels)
    assert len(project.runs()) == 1


def test_every_panel_shows_figures_that_a_report_has():
    shown = [value for panel in dashboard().panels for value in panel.values]
    figures = [value.metric_labels["figure"] for value in shown if value.metric == METRIC]
    assert len(figures) > 10
    assert set(figures) <= set(WORDS)


def test_only_the_latest_runs_are_kept_in_order(project):
    names = [project.add(make_run(number)) for number in range(5)]
    assert [run.stem for run in project.runs()] == names[-3:]
    assert list((project.folder / "aside").iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b'{"metric_results": ', b"[]", b"\xff\xfe", b"null"])
def test_a_damaged_run_is_set_aside_and_the_others_are_shown(project, damage, caplog):
    kept = project.add(make_run(1))
    bad = project.home / "snapshots" / f"{PROJECT_ID}.json"
    bad.write_bytes(damage)
    assert not is_readable(bad)
    project.mend()
    assert [run.stem for run in project.runs()] == [kept]
    assert (project.folder / "damaged" / bad.name).read_bytes() == damage
    assert bad.name in caplog.text
    assert evidently_reads(project) == ("Boucle", 1)


def test_what_a_writer_left_aside_is_cleared_later_and_not_while_it_may_be_at_work(project):
    old, new = project.folder / "aside" / "old", project.folder / "aside" / "new"
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (time.time() - 7_200,) * 2)
    project.add(make_run())
    assert list((project.folder / "aside").iterdir()) == [new]


WRITER = """
import sys
from pathlib import Path
from reporting.project import Project
from tests.reporting.runs import make_run
project = Project(Path(sys.argv[1]), keep=5)
project.make()
for number in range(100_000):
    run = make_run(number)
    run.metadata["ballast"] = "x" * 300_000
    project.add(run)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_every_run_whole(tmp_path):
    project = Project(tmp_path / "workspace", keep=5)
    for moment in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(project.folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        ) as writer:
            for _ in range(3 + 4 * moment):
                assert writer.stdout.readline()
            time.sleep(0.005 * moment)
            writer.kill()
        assert 0 < len(project.runs()) <= 6
        assert all(is_readable(run) for run in project.runs())
    assert evidently_reads(project) == ("Boucle", len(project.runs()))
