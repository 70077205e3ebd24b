"""Runs in an MLflow server, each once whatever is killed on either side, with models and reports.

A run carries the key of its decision from the moment that it is created, so that after a crash it
is found and gone on with. MLflow's own retries are off: they would create a run twice.
"""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipeline.registry.signed_folder import SignedFolder
from pipeline.setting_tables import TrackingSettings
from pipeline.store.tracked_runs import TrackedRun
from scripts.tracking.decision_run import DecisionRun
from scripts.tracking.model_folder import write_model_folder
from scripts.tracking.pictures import draw_holdout
from scripts.tracking.registered_model import RegisteredModel

REPORTS = "reports"  # the run whose metrics are curves over time
KEY = "boucle.key"
FINISHED = "FINISHED"
PAGE = 500
MOST_REPORT_BYTES = 20_000_000  # one of Evidently has 5 MB
REPORT_SECONDS = 60.0  # a report that is younger is about what came after the decision


class MlflowSink:
    """One experiment and one registered model, named after the dataset."""

    def __init__(self, uri: str, name: str, report: Path | None = None) -> None:
        """`report` is the page that reporting made last, which may not be there."""
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
        import mlflow  # a hundred megabytes, for those who track alone

        for library in ("mlflow", "matplotlib"):  # they tell of each step that went well
            logging.getLogger(library).setLevel(logging.WARNING)
        mlflow.set_tracking_uri(uri)
        self._uri = uri
        self._client: Any = mlflow.MlflowClient(uri, uri)
        self._version = mlflow.__version__
        self.model = RegisteredModel(self._client, name)
        self._name = name
        self._report = report
        self._experiment = ""
        self._done: dict[str, tuple[str, float, str]] = {}  # by key: version, end, id

    def connect(self) -> None:
        """Find or make what is needed, and what was recorded before; raises while it is away."""
        found = self._client.get_experiment_by_name(self._name)
        if found is None:
            self._experiment = self._client.create_experiment(
                self._name, place_artifacts(self._uri)
            )
        else:
            self._experiment = found.experiment_id
        self.model.create_if_absent()
        self._done = {}
        whole_first = sorted(self._runs(""), key=lambda run: run.info.status != FINISHED)
        for run in whole_first:
            key = run.data.tags.get(KEY)
            if key in self._done:
                self._client.delete_run(run.info.run_id)  # a request that was answered to nobody
            elif key and run.info.status == FINISHED:
                version = run.data.tags.get("boucle.version", "")
                self._done[key] = (version, run.info.end_time / 1000, run.info.run_id)

    def is_new(self, key: str) -> bool:
        return key not in self._done

    def record(self, run: DecisionRun) -> None:
        """The run, its numbers and artifacts, and the version as a version of the model."""
        ids = self._find_or_create(run)
        from mlflow.entities import Metric, Param

        at = int(run.ended * 1000)
        metrics = [Metric(name, value, at, 0) for name, value in run.metrics.items()]
        parameters = [Param(name, value) for name, value in run.parameters.items()]
        self._client.log_batch(ids, metrics=metrics, params=parameters[:100])
        if run.version is not None and run.tags["decision"] != "rolled back":
            self._record_version(run, run.version, ids)
        self._client.set_terminated(ids, FINISHED, end_time=at)
        self._done[run.key] = (run.tags["version"], run.ended, ids)

    def tracked(self, page: str) -> list[TrackedRun]:
        """Every run that is whole, with its address under the one where a browser finds MLflow."""
        runs = f"{page}/#/experiments/{self._experiment}/runs"
        found = self._done.items()
        return [TrackedRun(key, version, at, f"{runs}/{ids}") for key, (version, at, ids) in found]

    def _find_or_create(self, run: DecisionRun) -> str:
        found = [*self._runs(f"tags.`{KEY}` = '{run.key}'")]
        for again in found[1:]:
            self._client.delete_run(again.info.run_id)
        if found:
            return str(found[0].info.run_id)
        named = {f"boucle.{name}": value for name, value in run.tags.items()}
        tags = {KEY: run.key, "mlflow.source.git.commit": find_commit(), **named}
        created = self._client.create_run(
            self._experiment, int(run.began * 1000), tags=tags, run_name=run.name
        )
        return str(created.info.run_id)

    def record_report(self, made_at: float, numbers: Mapping[str, float]) -> None:
        """A point of the curves of one run; told twice it is still one point."""
        from mlflow.entities import Metric

        found = [*self._runs(f"tags.`{KEY}` = '{REPORTS}'")]
        at, step = int(made_at * 1000), int(made_at // 60)
        if found:
            ids = str(found[0].info.run_id)
        else:
            tags = {KEY: REPORTS}
            ids = self._client.create_run(
                self._experiment, at, tags=tags, run_name=REPORTS
            ).info.run_id
        metrics = [Metric(name, value, at, step) for name, value in numbers.items()]
        self._client.log_batch(ids, metrics=metrics)

    def _runs(self, query: str) -> Iterable[Any]:
        """The oldest first."""
        token = None
        while True:
            page = self._client.search_runs(
                [self._experiment],
                query,
                max_results=PAGE,
                order_by=["attributes.start_time ASC"],
                page_token=token,
            )
            yield from page
            token = page.token
            if not token:
                return

    def _record_version(self, run: DecisionRun, version: SignedFolder, ids: str) -> None:
        number = version.manifest["version"]
        if self.model.version_of(number) is not None:
            return
        with tempfile.TemporaryDirectory(prefix="boucle-") as name:
            folder = Path(name)
            write_model_folder(version, folder / "model", ids, self._version)
            draw_holdout(version, folder)
            for file in ("manifest.json", "importance.json"):
                if (version.folder / file).exists():
                    shutil.copy(version.folder / file, folder / file)
            if self._report is not None and is_fresh(self._report, run.ended):
                shutil.copy(self._report, folder / "report.html")
            self._client.log_artifacts(ids, name)
        source = f"{self._client.get_run(ids).info.artifact_uri}/model"
        told = {f"boucle.{name}": value for name, value in run.tags.items() if value}
        self.model.add(number, source, ids, told)


def is_fresh(report: Path, at: float) -> bool:
    """Whether it was the last report when a version was decided about, and is no giant."""
    try:
        found = report.stat()
    except OSError:
        return False
    return found.st_mtime <= at + REPORT_SECONDS and found.st_size <= MOST_REPORT_BYTES


def find_page(wanted: TrackingSettings) -> str:
    """Where a browser finds MLflow, without a name and password; empty where there is no page."""
    parts = urlsplit(wanted.mlflow_page or wanted.mlflow_uri)
    if parts.scheme not in ("http", "https"):
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")).rstrip(
        "/"
    )


def place_artifacts(uri: str) -> str | None:
    """Beside a database in a file; a server says itself where they are."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).resolve().parent / "mlflow-artifacts").as_uri()


def find_commit() -> str:
    """Of the code that decided; empty where it is in no repository."""
    command = ["git", "rev-parse", "HEAD"]
    folder = Path(__file__).parent
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
