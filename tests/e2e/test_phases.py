"""Each phase of the simulator raises the alerts that it should and no other, and they resolve.

A real serving, reporting and Prometheus watch the traffic. In the spans of rules and alerts a
second stands for two minutes, see `tests/support/processes/prometheus.py`. Only the phases about
labels give feedback: with it a model that cannot read its inputs would be told to err, too. The
phases share one installation, and each leaves it with nothing firing.
"""

import time
from dataclasses import dataclass, field

import pytest

from scripts.cli.api_client import open_api_client
from scripts.simulation.load_generator import LoadGenerator
from scripts.simulation.monitoring_client import MonitoringClient
from scripts.simulation.row_source import make_world
from scripts.simulation.scenarios import DRIFTS, get_scenario
from tests.reporting.processes import Reporting, place_reports
from tests.support.processes.prometheus import Prometheus, watching
from tests.support.processes.servers import Server, serving, wait_for
from tests.support.processes.trainers import training

pytestmark = pytest.mark.slow

WINDOW = 120
STEP = WINDOW + 10  # rows: after two steps no row of the one window is left in the other
LABELLED = ("calm", "target", "concept")
RATE = 500.0  # rows a second at most; serving decides
PATIENCE = 120.0


@dataclass
class Stage:
    server: Server
    watcher: MonitoringClient
    prometheus: Prometheus
    traffic: LoadGenerator | None = None
    began: float = field(default_factory=time.time)

    def play(self, name: str, drift: str = "shift") -> None:
        """A phase in a world of its own."""
        settings = self.server.installation.settings()
        caller = open_api_client(settings, f"http://127.0.0.1:{self.server.port}")
        share = float(name in LABELLED)
        self.traffic = LoadGenerator(caller, make_world(settings, 0), RATE, 0, share)
        self.began = time.time()
        self.go_on(name, drift)

    def go_on(self, name: str, drift: str = "shift") -> None:
        """The latest window is the phase's alone, and so was one before without a common row."""
        for _ in range(2):
            assert self.traffic.play(name, get_scenario(name, drift), STEP).failed == 0
            self.watcher.next_figures(PATIENCE)

    def raised(self, wanted: set[str]) -> set[str]:
        """What has fired since the phase began: what is wanted, once nothing is on its way."""
        self.prometheus.catch_up()
        wait_for(lambda: wanted <= self.fired(), PATIENCE)
        wait_for(lambda: self.prometheus.has_none("pending"), PATIENCE)
        return self.fired()

    def fired(self) -> set[str]:
        return self.prometheus.fired(self.began) - {"Watchdog"}

    def hand_over(self) -> None:
        """Tell serving what fires, as Alertmanager does."""
        told = [
            {"status": "firing", "labels": alert["labels"], "startsAt": alert["activeAt"]}
            for alert in self.prometheus.firing()
        ]
        headers = {"Authorization": f"Bearer {self.server.installation.key('admin')}"}
        body = {"version": "4", "groupKey": "phases", "status": "firing", "alerts": told}
        self.server.client.post("/alerts", json=body, headers=headers).raise_for_status()

    def has_learned(self) -> bool:
        """Chance says which rows judge; when all challengers failed on them, there are more."""
        told = self.server.client.get("/retrainings").json()["retrainings"]
        if self.traffic.caller.live_version() != "0001":
            return True
        if not {"queued", "running"} & {one["state"] for one in told}:
            self.go_on("concept")
        return False

    def recover(self) -> None:
        """Until nothing fires any more."""
        wait_for(self._is_at_rest, 3 * PATIENCE)

    def _is_at_rest(self) -> bool:
        """By figures of the recovered world alone."""
        self.go_on("recover")
        self.prometheus.catch_up()
        return self.prometheus.has_none("pending|firing")


LESS_SURE = "ExpectedQualityDrop"  # of pictures that look like nothing known


@pytest.fixture(scope="module")
def stage(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phases")
    installation = place_reports(digits.copy(folder / "installation")).with_knobs(
        REPORTING__EVERY_SECONDS="0.5",
        REPORTING__WINDOW=str(WINDOW),
        REPORTING__MINIMUM_ROWS="100",
        RETRAINING__EVERY=str(2 * STEP),  # by a trainer, which only another concept has
        RETRAINING__PATIENCE_SECONDS="0",
    )
    reporting = Reporting(installation)
    try:
        with serving(installation) as server:
            wait_for(reporting.figures, PATIENCE)
            ports = {"serving-api": server.port, "reporting": reporting.wanted.port}
            with watching(folder / "prometheus", ports) as prometheus:
                watcher = MonitoringClient(f"http://127.0.0.1:{reporting.wanted.port}", "")
                yield Stage(server, watcher, prometheus)
    finally:
        reporting.end()


@pytest.mark.parametrize("phase", ["calm", "burst", "errors"])
def test_a_phase_that_harms_nobody_raises_no_alert(stage, phase):
    stage.play(phase)
    assert stage.raised(set()) == set()


@pytest.mark.parametrize(
    ("phase", "wanted", "allowed"),
    [
        ("noise", {"DataDrift"}, {LESS_SURE}),
        ("blur", {"DataDrift"}, {LESS_SURE}),
        (
            "shift",
            {"DataDrift"},
            {"DataQualityPoor", LESS_SURE},
        ),  # some pixels at the edge stand still
        ("permuted", {"DataDrift"}, {"DataQualityPoor", LESS_SURE}),
        ("frozen", {"DataDrift", "DataQualityPoor"}, {LESS_SURE}),
        ("target", {"TargetDrift"}, {"DataDrift"}),  # other labels have other inputs
        ("quality", {"DataQualityPoor"}, {"DataDrift", LESS_SURE}),
    ],
)
def test_a_phase_raises_its_alerts_and_no_other_until_it_is_over(stage, phase, wanted, allowed):
    stage.play(*(("covariate", phase) if phase in DRIFTS else (phase,)))
    assert wanted <= stage.raised(wanted) <= wanted | allowed
    stage.recover()
    assert stage.fired() <= wanted | allowed


def test_another_concept_alerts_until_the_retrainings_that_it_asks_for(stage):
    wanted = {"ConceptDrift", "QualityDrop"}
    stage.play("concept")
    assert stage.raised(wanted) == wanted
    with training(stage.server.installation):
        stage.hand_over()
        wait_for(stage.has_learned, 3 * PATIENCE)
        stage.recover()
    assert stage.fired() - {"DataTestsFailed"} == wanted  # phases before sent rows twice
