"""The same numbers as steps of DVCLive, for `dvc plots` and the extension of VS Code."""

import contextlib
import csv
from pathlib import Path
from typing import Any

from pipeline.durable_files import write_atomic
from scripts.tracking.decision_run import DecisionRun

METRICS = Path("plots/metrics")
LAST = "decision"  # a metric, written last: which decision a step is


class DvcliveSink:
    """A folder; each run is a step."""

    def __init__(self, folder: Path) -> None:
        from dvclive.live import Live

        self._seen = read_steps(folder)
        forget_steps(folder, len(self._seen))
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
    """The decisions that are whole steps already."""
    path = folder / METRICS / f"{LAST}.tsv"
    if not path.exists():
        return []
    with path.open() as file:
        return [int(float(row[LAST])) for row in csv.DictReader(file, delimiter="\t")]


def forget_steps(folder: Path, first: int) -> None:
    """Drop what a recorder that was killed had written of a step; it is told anew."""
    for path in (folder / METRICS).rglob("*.tsv"):
        header, *rows = path.read_text().splitlines(keepends=True)
        place = header.strip().split("\t").index("step")
        kept = [row for row in rows if int(row.strip().split("\t")[place]) < first]
        if kept != rows:
            write_atomic(path, "".join([header, *kept]).encode())
