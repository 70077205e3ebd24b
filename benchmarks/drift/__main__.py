"""Can the drift alarm be trusted? Windows of real tables with and without drift, against the goals.

`python -m benchmarks.drift --write docs/monitoring.md` puts the tables between their markers there.
Evidently sees the first windows of each row: `--evidently 10` of them, 0 leaves it out.
"""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.drift.cases import CASES, Case, Outcome, in_order, measure
from benchmarks.drift.cost import Cost, measure_picture, measure_table
from benchmarks.drift.error_streams import CALM, RISES, count_false, find_rise
from benchmarks.drift.kinds import count_diagnosed, miss_expected
from benchmarks.drift.real_errors import find_rises
from benchmarks.drift.real_tables import Table, open_streams, open_tables
from benchmarks.markdown import write_between

MOST_FALSE = 0.3
DIAGNOSED = 0.9  # share of windows
FIRST = 1_500  # rows of a stream that are its reference


def drift_table(evidently: int) -> str:
    tables = list(open_tables())
    names = [table.name for table in tables]
    heads = ["what", "goal", *names, "KS or chi-square at 0.05", "Evidently's defaults"]
    return as_table(heads, (case_line(case, tables, evidently) for case in CASES))


def case_line(case: Case, tables: list[Table], evidently: int) -> list[str]:
    outcomes = [measure(table, case, time.process_time) for table in tables]
    limit = f"at most {case.goal:.0%}" if case.quiet else f"at least {case.goal:.0%}, named"
    naive = sum(one.naive for one in outcomes) / sum(one.windows for one in outcomes)
    theirs = ""
    if evidently:
        from benchmarks.drift.evidently_defaults import count_evidently

        counts = [count_evidently(table, case, evidently) for table in tables]
        theirs = f"{sum(counts) / (evidently * len(counts)):.0%}"
    line = [case.what, limit, *(say(case, one) for one in outcomes), f"{naive:.0%}", theirs]
    print(" | ".join(line), flush=True)
    return line


def say(case: Case, one: Outcome) -> str:
    if case.quiet:
        text, met = f"{one.share:.1%}, {one.held} held", one.share <= case.goal and not one.held
    else:
        named = one.named / max(one.found, 1)
        text = f"{one.share:.1%}, {named:.0%} named"
        met = one.share >= case.goal and named >= 0.95
    return text if met else f"**{text}**"


def stream_table() -> str:
    lines = ([table.name, *in_order(table, FIRST)] for table in open_streams())
    return as_table(["stream", "windows that drifted", "what moved in the first"], lines)


def kind_tables() -> dict[str, str]:
    tables = list(open_tables())
    names = [table.name for table in tables]
    return {
        "drift_kinds": as_table(["", *names], count_diagnosed(tables, DIAGNOSED)),
        "drift_expected": as_table(["", *names], miss_expected(tables)),
        "drift_rises": as_table(["what", "expected", *names], find_rises(tables)),
    }


def cost_table(seed: int) -> str:
    lines = [
        cost_line("40 numbers", measure_table(40, seed), 150),
        cost_line("a picture of 128 by 128 in colour", measure_picture(128, seed), 1_000),
    ]
    return as_table(["CPU of a pass over 500 rows", "goal", "the first", "the next"], lines)


def cost_line(what: str, cost: Cost, goal: int) -> list[str]:
    first, after = (f"{spent:,.0f} ms" for spent in (cost.first, cost.next))
    return [what, f"at most {goal:,} ms", first, after]


def error_table(seed: int) -> str:
    rng = np.random.default_rng(seed)
    lines = []
    for usual, rise, goal in RISES:
        delay = find_rise(usual, rise, rng)
        found = f"{delay.rows:,.0f} rows, {delay.missed:.1%} missed"
        met = delay.rows <= goal and delay.missed <= 0.05
        what = f"errors rise from {usual:.0%} by {rise * 100:.0f} points"
        wanted = f"at most {goal:,} rows, 5% missed"
        lines.append([what, wanted, found if met else f"**{found}**"])
    for usual in CALM:
        false = count_false(usual, rng)
        text = f"{false:.2f}" if false <= MOST_FALSE else f"**{false:.2f}**"
        lines.append(
            [f"errors stay at {usual:.0%}", f"at most {MOST_FALSE} alarms in 10,000 rows", text]
        )
    return as_table(["what", "goal", "measured"], lines)


def as_table(heads: list[str], lines: Iterator[list[str]] | list[list[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the page that holds the tables")
    parser.add_argument("--evidently", type=int, default=10, help="windows of each row for it")
    parser.add_argument("--seed", type=int, default=6)
    arguments = parser.parse_args()
    os.environ["DO_NOT_TRACK"] = "1"
    parts = {
        **kind_tables(),
        "drift_cost": cost_table(arguments.seed),
        "drift_streams": stream_table(),
        "drift_errors": error_table(arguments.seed),
        "drift": drift_table(arguments.evidently),
    }
    for part, table in parts.items():
        print(table)
        if arguments.write:
            write_between(arguments.write, part, table)


if __name__ == "__main__":
    main()
