"""A server of MLflow, which the program that MLFLOW names starts, and the recorder beside it."""

import os
import subprocess
import sys
import time

import httpx
import pytest

from tests.support.models_and_records.installations import make_installation
from tests.support.models_and_records.loops import Loop
from tests.support.processes.servers import ROOT, free_port

START_SECONDS = 90
COMMAND = (sys.executable, "-m", "scripts.tracking.recorder")


class Mlflow:
    """It keeps its folder and its port when it is killed and started again."""

    def __init__(self, program, folder):
        self.program, self.folder, self.port = program, folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir()

    def start(self, **knobs):
        command = [self.program, "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db", "--workers", "1"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": ""}
        environment |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **knobs}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def wait_until_up(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.2)
        raise TimeoutError((self.folder / "log").read_text())

    def kill(self):
        """With its workers."""
        os.killpg(self.process.pid, 9)
        self.process.wait()


class RecorderProcess:
    def __init__(self, installation, server, command=COMMAND, **knobs):
        self.command = command
        own = {"TRACKING__MLFLOW_URI": server.url, "REPORTING__PORT": str(free_port())}
        told = installation.with_knobs(**{**own, **knobs}).environment  # no exporter of others
        self.environment = {**os.environ, **told, "PYTHONPATH": str(ROOT)}
        self.log = installation.folder / "recorder.log"

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()


class Tracked:
    """What MLflow holds of one installation; `client` is MLflow's own."""

    def __init__(self, server, name):
        mlflow = pytest.importorskip("mlflow")
        self.client, self.name = mlflow.MlflowClient(server.url, server.url), name

    def runs(self):
        experiment = self.client.get_experiment_by_name(self.name)
        return self.client.search_runs([experiment.experiment_id], max_results=1_000)

    def finished(self, **tags):
        """The runs that are whole, with these tags."""
        return [
            run
            for run in self.runs()
            if run.info.status == "FINISHED"
            and all(run.data.tags.get(f"boucle.{name}") == value for name, value in tags.items())
        ]

    def aliases(self):
        """Each by our number of the version."""
        model = self.client.get_registered_model(self.name)
        return {
            alias: self.client.get_model_version(self.name, own).tags["boucle.version"]
            for alias, own in model.aliases.items()
        }

    def move_champion(self, ours):
        query = f"name = '{self.name}' and tags.`boucle.version` = '{ours}'"
        (own,) = self.client.search_model_versions(query)
        self.client.set_registered_model_alias(self.name, "champion", own.version)


def start(folder):
    program = os.environ.get("MLFLOW")
    if not program:
        pytest.skip("MLFLOW names no program that starts a server of MLflow")
    return Mlflow(program, folder).start().wait_until_up()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    started = start(tmp_path_factory.mktemp("shared") / "mlflow")
    yield started
    started.kill()


@pytest.fixture
def own_server(tmp_path):
    """One that may be killed."""
    started = start(tmp_path / "mlflow")
    yield started
    started.kill()


@pytest.fixture
def loop(tmp_path):
    """An installation with two versions, the second of which is live."""
    installation = make_installation(
        tmp_path / "boucle", "breast_cancer", TRACKING__EXPERIMENT=tmp_path.name
    )
    installation.train()
    found = Loop(installation)
    yield found
    found.engine.dispose()


@pytest.fixture
def tracked(loop, server):
    return Tracked(server, loop.settings.tracking.experiment)


@pytest.fixture
def recording(loop):
    """Starts recorders, with knobs, that end with the test."""
    started = []

    def begin(server, **knobs):
        started.append(RecorderProcess(loop.installation, server, **knobs).start())
        return started[-1]

    yield begin
    for one in started:
        one.kill()
