"""The Evidently project: `python project.py` makes it; with `--serve` its UI answers on 8082.

In the workspace lie the project, which Evidently finds by its id, `aside`, where a run is written
before it gets its name there, and `damaged`, where what cannot be read is put: it would break every
page.
"""

import argparse
import gc
import json
import logging
import os
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from evidently.core.serialization import SnapshotModel
from evidently.legacy.core import new_id
from evidently.legacy.utils import NumpyEncoder
from evidently.sdk.models import DashboardModel, ProjectModel
from evidently.ui.service.app import create_app, get_config

from pipeline.durable_files import sync_folder, write_atomic, write_synced
from pipeline.hosts import Hosts
from pipeline.setting_tables import ReportingSettings
from pipeline.settings import InvalidSetting, config_file, load_settings
from reporting.evidently_reports.dashboard import PROJECT_ID, dashboard
from reporting.guard import Guard
from reporting.idle_server import answer
from reporting.subprocesses import ALONE, END_WITH_PARENT, heed_parent

log = logging.getLogger("reporting.project")
DESCRIPTION = "Drift and quality of the live model, a report now and then"
FORGOTTEN_SECONDS = 3600  # a file aside this old belongs to a run that was cut short


@dataclass(frozen=True)
class Project:
    """The runs of the one project, oldest first by name."""

    folder: Path
    keep: int

    @property
    def home(self) -> Path:
        return self.folder / str(PROJECT_ID)

    def runs(self) -> list[Path]:
        return sorted((self.home / "snapshots").glob("*.json"))

    def make(self) -> None:
        """Make the project unless it is there as the code says."""
        former = self.folder / "evidently" / str(PROJECT_ID)  # where it was until 0.2
        if former.is_dir() and not self.home.exists():
            former.rename(self.home)
        for folder in (self.home / "snapshots", self.folder / "aside"):
            folder.mkdir(parents=True, exist_ok=True)
        model = ProjectModel(id=PROJECT_ID, name="Boucle", description=DESCRIPTION)
        _write_json(self.home / "metadata.json", model)
        _write_json(self.home / "dashboard.json", dashboard())

    def mend(self) -> None:
        """Set aside what a crash or an update of Evidently left unreadable."""
        for run in self.runs():
            if not is_readable(run):
                self._set_aside(run)

    def add(self, run: SnapshotModel) -> str:
        """Put a run in, whole: the UI looks at a file as soon as it has its name.

        A second name, not a move: of what moves within the workspace Evidently sees the old name.
        """
        name = str(new_id())  # sorts by time
        aside = self.folder / "aside" / name
        write_synced(aside, json.dumps(run.dict(), cls=NumpyEncoder).encode())
        os.link(aside, self.home / "snapshots" / f"{name}.json")
        aside.unlink()
        sync_folder(self.home / "snapshots")
        self.prune()
        return name

    def prune(self) -> None:
        for run in self.runs()[: -self.keep]:
            run.unlink(missing_ok=True)
        for left in (self.folder / "aside").iterdir():
            if time.time() - left.stat().st_mtime > FORGOTTEN_SECONDS:
                left.unlink(missing_ok=True)

    def _set_aside(self, run: Path) -> None:
        (self.folder / "damaged").mkdir(exist_ok=True)
        run.replace(self.folder / "damaged" / run.name)
        log.error("%s cannot be read and was set aside in %s", run.name, self.folder / "damaged")


def open_project(wanted: ReportingSettings) -> Project:
    project = Project(wanted.workspace, wanted.keep_snapshots)
    project.make()
    return project


def is_readable(run: Path) -> bool:
    try:
        SnapshotModel.parse_obj(json.loads(run.read_bytes()))
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _write_json(path: Path, model: ProjectModel | DashboardModel) -> None:
    content = json.dumps(model.dict(), cls=NumpyEncoder).encode()
    if not path.exists() or path.read_bytes() != content:
        write_atomic(path, content)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true", help="show its pages, behind the guard")
    for name in ("--door", "--ready"):
        parser.add_argument(name, type=int, help=argparse.SUPPRESS)  # descriptors, of ui_door.py
    parser.add_argument(END_WITH_PARENT, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.update(ALONE)
    heed_parent(sys.argv)
    if (
        not options.serve and not config_file().exists()
    ):  # as in the course: cd reporting && python project.py
        os.chdir(Path(__file__).parents[1])
    try:
        settings = load_settings()
    except InvalidSetting as error:
        sys.exit(str(error))
    wanted = settings.reporting
    project = open_project(wanted)
    if options.serve:
        pages = make_pages(project, settings.reporting, Hosts(settings.access.hosts))
        if options.door is None:
            uvicorn.run(pages, host=wanted.host, port=wanted.ui_port, log_level="warning")
        else:
            answer(pages, options.door, options.ready, wanted.ui_idle_minutes * 60)
        return
    log.info("%s holds the project Boucle, reports: %s.", project.folder, len(project.runs()))
    log.info("`python -m reporting` shows it, and so does `evidently ui` from this folder;")
    log.info("but that one does what any web page asks of it, see docs/security.md.")


def make_pages(project: Project, wanted: ReportingSettings, hosts: Hosts) -> Guard:
    """The project's pages, behind the guard: they only look."""
    gc.freeze()  # what is imported is never garbage; without it the runs are read a third slower
    project.prune()
    project.mend()
    secret = secrets.token_urlsafe(32)
    config = get_config(wanted.host, wanted.ui_port, str(project.folder), secret)
    return Guard(create_app(config), hosts)


if __name__ == "__main__":
    main()
