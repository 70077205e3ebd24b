"""What the chapters of the demo share: traffic, what watchers see of it, and what is told."""

import time
from dataclasses import dataclass, field
from typing import Any

from pipeline.data.schema import Value
from scripts.cli.api_client import ApiClient
from scripts.cli.command import CommandError
from scripts.simulation.load_generator import LoadGenerator, Outcome
from scripts.simulation.monitoring_client import MetricValues, MonitoringClient, wait_for
from scripts.simulation.plain_retraining import Plain
from scripts.simulation.scenarios import get_scenario

Decision = dict[str, Any]  # a row of GET /retrainings
CONCEPT = ("cusum",)


@dataclass
class DemoRun:
    caller: ApiClient
    watcher: MonitoringClient
    traffic: LoadGenerator
    plain: Plain
    began: float = field(default_factory=time.monotonic)
    failed: int = 0
    told: int = 0  # the last decision that was told
    rows: int = 0  # told as feedback so far
    knowing: Outcome | None = None  # what was asked of the first version that knew the new world
    compared: list[tuple[str, int, float, float]] = field(default_factory=list)
    table: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:4.0f} s] {text}", flush=True)

    def send(self, rows: int) -> Outcome:
        """Rows of the world as it is, each with its feedback; waits for what they set off."""
        outcome = self.traffic.play("calm", get_scenario("calm"), rows)
        self.traffic.give_feedback()
        self.failed += outcome.failed
        self.rows += rows
        self.plain.learn(outcome.sent, [target for target, _ in outcome.pairs])
        return outcome

    def draw(self) -> tuple[list[Value], str]:
        return get_scenario("calm").draw(self.traffic.world)

    def compare(self, name: str, probed: Outcome) -> float:
        """Note how well the live version and plain retraining know the world as it is."""
        theirs = self.plain.quality(probed.sent, [target for target, _ in probed.pairs])
        mine = known_quality(probed)
        self.compared.append((name, self.rows, mine, theirs))
        self.tell(f"Balanced accuracy {mine:.1%}; plain retraining would have {theirs:.1%}.")
        return mine

    def settle(self, patience: float = 120.0) -> list[Decision]:
        """Wait until no retraining is under way, and tell the decisions."""

        def settled() -> bool:
            return all(row["finished_at"] for row in self.caller.retrainings())

        wait_for(settled, "The end of a retraining", patience)
        return self.decisions()

    def decisions(self) -> list[Decision]:
        """Tell those since the last look."""
        told = []
        for row in reversed(self.caller.retrainings()):
            if not row["finished_at"]:
                break
            if int(row["id"]) > self.told:
                self.told = int(row["id"])
                if row["state"] != "superseded":
                    self.tell(f"retraining {row['id']} ({row['trigger']}): {row['reason']}")
                    told.append(row)
        return told

    def wait_until_live(self, version: str) -> None:
        """It, or one that has already replaced it."""
        wait_for(lambda: int(self.caller.live_version()) >= int(version), f"Version {version}", 10)


def concept_detected(figures: MetricValues) -> list[str]:
    """The detectors that see another concept."""
    name = 'concept_drift_detected{{detector="{}"}}'
    return [detector for detector in CONCEPT if figures.get(name.format(detector)) == 1.0]


def known_quality(outcome: Outcome) -> float:
    if (quality := outcome.balanced_accuracy) is None:
        raise CommandError(
            "No prediction was answered as Boucle would. What was set for make run, a port above "
            "all, is to be set here too."
        )
    return quality


def describe(rate: float | None) -> str:
    return "not known yet" if rate is None else f"{rate:.0%}"
