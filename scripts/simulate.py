"""Sends real traffic to a running serving, in phases: `simulate.py calm:200 concept:300 recover`.

The same seed sends the same rows in the same order.
"""

import argparse

import numpy as np
from tqdm import tqdm

from pipeline.settings import load_settings
from scripts.cli.api_client import open_api_client
from scripts.cli.command import CommandError, run
from scripts.simulation.load_generator import LoadGenerator, Outcome
from scripts.simulation.recordings import CHANGES
from scripts.simulation.row_source import make_world
from scripts.simulation.scenarios import DRIFTS, SCENARIOS, get_scenario

ROWS = 200


def main() -> None:
    options = read_options()
    settings = load_settings()
    phases = [parse_phase(text) for text in options.phases]
    for name, _ in phases:
        get_scenario(name, options.drift)
    world = make_world(settings, options.seed)
    caller = open_api_client(settings, options.url)
    traffic = LoadGenerator(caller, world, options.rate, options.delay, options.label_share)
    failed = sum(play(traffic, name, rows, options.drift) for name, rows in phases)
    traffic.give_feedback()
    if failed:
        raise CommandError(f"{failed} requests were not answered as they should have been.")


def read_options() -> argparse.Namespace:
    names = ", ".join([*SCENARIOS, "covariate"])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "phases", nargs="*", default=["calm"], help=f"each a name or name:rows, of {names}"
    )
    parser.add_argument(
        "--drift",
        choices=sorted({*DRIFTS, *CHANGES}),
        default="shift",
        help="what the phase covariate does",
    )
    parser.add_argument("--rate", type=positive, default=20.0, help="predictions a second (20)")
    parser.add_argument(
        "--delay", type=int, default=20, help="predictions until the feedback on one is sent (20)"
    )
    parser.add_argument(
        "--label-share",
        type=float,
        default=1.0,
        help="share of the predictions that get feedback (1)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--url", help="where serving is (default: SERVING_URL, or as the settings say)"
    )
    return parser.parse_args()


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be a number above 0")
    return number


def parse_phase(text: str) -> tuple[str, int]:
    name, _, rows = text.partition(":")
    if rows and not (rows.isdecimal() and int(rows)):
        raise CommandError(
            f"'{text}': a phase is a name, or a name and a count of rows as in calm:200."
        )
    return name, int(rows or ROWS)


def play(traffic: LoadGenerator, name: str, rows: int, drift: str) -> int:
    """Show a bar, then what was sent and what should be seen; the count of what failed."""
    phase = get_scenario(name, drift)
    with tqdm(total=rows, desc=name, unit="row", disable=None, leave=False) as bar:
        outcome = traffic.play(name, phase, rows, bar.update)
    print(f"{name}: {phase.what}\n  {describe(outcome)}\n  A watcher should see: {phase.watch}.")
    return outcome.failed


def describe(outcome: Outcome) -> str:
    """One line: rows, statuses, quality, waiting time."""
    statuses = ", ".join(
        f"{status} {count} times" for status, count in sorted(outcome.answers.items())
    )
    parts = [f"{outcome.rows} rows sent, {outcome.labelled} feedbacks", f"answers: {statuses}"]
    if outcome.balanced_accuracy is not None:
        parts.append(f"balanced accuracy {outcome.balanced_accuracy:.1%}")
    if outcome.seconds:
        half, most = np.quantile(outcome.seconds, [0.5, 0.99])
        parts.append(f"p50 {1000 * half:.1f} ms, p99 {1000 * most:.1f} ms")
    return "; ".join(parts)


if __name__ == "__main__":
    run(main)
