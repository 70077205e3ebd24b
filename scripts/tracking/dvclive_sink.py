"""The same numbers as steps of DVCLive, for `dvc plots` and the extension of VS Code."""

import contextlib
import csv
from pathlib import Path
from typing import Any

from scripts.tracking.decision_run import DecisionRun

LAST = "decision"  # a metric, written last: which decision a step is


class DvcliveSink:
    """A folder; each run is a step."""

    def __init__(self, folder: Path) -> None:
        from dvclive.live import Live

        self._seen = read_steps(folder)
        with contextlib.chdir("/"):  # in a git repository it would make one of DVC
            self._live: Any = Live(
                str(folder.resolve()), resume=True, save_dvc_exp=False, report=None, dvcyaml=None
            )

    def is_new(self, key: str) -> bool:
        return number_of(key) not in self._seen

    def record(self, run: DecisionRun) -> None:
        self._live.step = len(self._seen)
        for name, value in run.metrics.items():
            self._live.log_metric(name.replace(".", "/"), value)
        number = number_of(run.key)
        self._live.log_metric(LAST, number)
        self._live.make_summary()
        self._seen.append(number)


def number_of(key: str) -> int:
    """That of the decision; of a version without one, its own below zero."""
    kind, _, number = key.partition("-")
    return int(number) if kind == "decision" else -int(number)


def read_steps(folder: Path) -> list[int]:
    """The decisions that are steps already."""
    path = folder / "plots/metrics" / f"{LAST}.tsv"
    if not path.exists():
        return []
    with path.open() as file:
        return [int(float(row[LAST])) for row in csv.DictReader(file, delimiter="\t")]
