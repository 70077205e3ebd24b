"""Can the drift alarm be trusted? Simulated windows with and without drift, against the goals.

`python -m benchmarks.drift --write docs/monitoring.md` puts the table between its markers there.
Evidently sees the first windows of each row: `--evidently 30` of them, 0 leaves it out.
"""

import argparse
import os
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

from benchmarks.drift.cases import (
    PER_REFERENCE,
    WINDOWS,
    Case,
    Verdict,
    embedded,
    judge_columns,
    judge_labels,
    labels,
    plain,
)
from benchmarks.drift.cost import measure_cost
from benchmarks.drift.error_streams import adwin_alone, boucle, false_alarms, median_delay
from benchmarks.drift.populations import freeze_sensor, permute_inputs, shuffle_input
from benchmarks.markdown import write_between
from reporting.drift.dataset_drift import RESIDUAL
from reporting.monitoring.alarm import Confirmation

HEAD = """| what | goal | Boucle | | without the residual | Evidently's defaults |
| --- | --- | --- | --- | --- | --- |
"""

CANCER, DIGITS = load_breast_cancer, load_digits
SMALL = "no drift, {}, reference of {:,} rows"

CASES = [
    Case("no drift, 10 columns", plain(), judge_columns, at_most=0.01),
    Case("no drift, breast_cancer", embedded(CANCER), judge_columns, at_most=0.01),
    Case("no drift, digits", embedded(DIGITS), judge_columns, at_most=0.01),
    Case(SMALL.format("breast_cancer", 400), embedded(CANCER, rows=400), judge_columns, None, 0.01),
    Case(SMALL.format("digits", 1_300), embedded(DIGITS, rows=1_300), judge_columns, None, 0.01),
    Case("no drift, 10 columns, windows of 50 rows", plain(rows=50), judge_columns),
    Case("0.3 sigma in 3 of 10 columns", plain(shifted=3, by=0.3), judge_columns, at_least=0.99),
    Case("0.2 sigma in 3 of 10 columns", plain(shifted=3, by=0.2), judge_columns),
    Case("0.3 sigma in 1 of 10 columns", plain(shifted=1, by=0.3), judge_columns),
    Case("labels without drift, 1,000 rows", labels(), judge_labels, quiet=True),
    Case("ten points of a label's share", labels(change=0.1), judge_labels, at_least=0.99),
    Case("permuted inputs, breast_cancer", embedded(CANCER, permute_inputs), judge_columns, 0.7),
    Case("permuted inputs, digits", embedded(DIGITS, permute_inputs), judge_columns, 0.7),
    Case("one input shuffled, breast_cancer", embedded(CANCER, shuffle_input), judge_columns),
    Case("one input shuffled, digits", embedded(DIGITS, shuffle_input), judge_columns),
    Case("a frozen sensor, breast_cancer", embedded(CANCER, freeze_sensor), judge_columns, 0.7),
    Case("a frozen sensor, digits", embedded(DIGITS, freeze_sensor), judge_columns, 0.7),
]


@dataclass(frozen=True)
class Line:
    what: str
    goal: str
    measured: str
    met: str = ""
    columns_alone: str = ""
    evidently: str = "has none"


def measure_case(case: Case, evidently: int, seed: int) -> Line:
    """Every batch has its own reference; Evidently sees the first windows of each."""
    rng = np.random.default_rng(seed)
    ours: list[Verdict] = []
    alone: list[Verdict] = []
    theirs: list[Verdict] = []
    held = 0
    for _ in range(WINDOWS // PER_REFERENCE):
        reference, windows = case.draw(rng)
        verdicts = case.judge(reference, windows)
        ours += verdicts
        held += count_held(verdicts)
        if RESIDUAL in reference:
            columns = {name: reference[name] for name in reference if name != RESIDUAL}
            alone += case.judge(columns, windows)
        if evidently:
            from benchmarks.drift.evidently_defaults import judge_evidently

            theirs += judge_evidently(reference, windows[: evidently * PER_REFERENCE // WINDOWS])
    return Line(case.what, *judge_case(case, ours, held), percent(alone), percent(theirs))


def count_held(verdicts: Iterable[Verdict]) -> int:
    """Of windows that follow each other without overlap, those at which the alarm holds."""
    alarm, held = Confirmation(), 0
    for number, verdict in enumerate(verdicts):
        if verdict is not None:
            alarm = alarm.after(number, number, verdict)
            held += alarm.holds
    return held


def judge_case(case: Case, verdicts: list[Verdict], held: int) -> tuple[str, str, str]:
    """Goal, measured, met."""
    if None in verdicts:
        return "", f"insufficient in {verdicts.count(None)} of {len(verdicts)}", ""
    share, measured = verdicts.count(True) / len(verdicts), percent(verdicts)
    if case.at_least is not None:
        return f"at least {case.at_least * 100:.0f} % found", measured, yes(share >= case.at_least)
    if case.at_most is not None:
        goal = f"at most {case.at_most * 100:.0f} % of passes, none over two windows"
        met = share <= case.at_most and not held
        return goal, f"{measured}, {held} over two", yes(met)
    return "", f"{measured}, {held} over two" if case.quiet else measured, ""


def measure_errors(seed: int) -> list[Line]:
    rng = np.random.default_rng(seed)
    delay, alone = median_delay(boucle, 500, rng), median_delay(adwin_alone, 500, rng)
    alarms, of_adwin = false_alarms(boucle, 500, rng), false_alarms(adwin_alone, 100, rng)
    rise, quiet = "errors rise from 5 to 20 %", "errors stay at 5 %"
    return [
        Line(rise, "median at most 150 rows", f"{delay:.0f} rows", yes(delay <= 150)),
        Line(f"{rise}, ADWIN alone", "", f"{alone:.0f} rows"),
        Line(quiet, "at most 0.3 false in 10,000 rows", f"{alarms:.2f}", yes(alarms <= 0.3)),
        Line(f"{quiet}, ADWIN alone", "", f"{of_adwin:.2f}"),
    ]


def measure_costs(seed: int) -> list[Line]:
    rng = np.random.default_rng(seed)
    costs = {columns: measure_cost(columns, rng) for columns in (10, 64)}
    return [
        Line(
            f"CPU of a pass with everything, 500 rows, {columns} columns",
            "under 150 ms",
            f"{cost:.0f} ms",
            yes(cost < 150),
        )
        for columns, cost in costs.items()
    ]


def percent(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return ""
    share = verdicts.count(True) / len(verdicts) * 100
    return f"{share:.1f} %" if len(verdicts) == WINDOWS else f"{share:.0f} % of {len(verdicts)}"


def yes(met: bool) -> str:
    return "met" if met else "**not met**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the page that holds the table")
    parser.add_argument("--evidently", type=int, default=30, help="windows of each row for it")
    parser.add_argument("--seed", type=int, default=6)
    arguments = parser.parse_args()
    os.environ["DO_NOT_TRACK"] = "1"
    seed = arguments.seed
    lines = [measure_case(case, arguments.evidently, seed) for case in CASES]
    lines += [*measure_errors(seed), *measure_costs(seed)]
    table = HEAD + "".join(f"| {' | '.join(astuple(line))} |\n" for line in lines)
    print(table)
    if arguments.write:
        write_between(arguments.write, "drift", table)


if __name__ == "__main__":
    main()
