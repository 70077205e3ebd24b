"""Plays the whole loop on a running Boucle and tells what happens: `make demo`.

Calm traffic; the camera is moved, so that the model reads its inputs badly until feedback has
taught it; then labels change their meaning from one row to the next: the change is detected, alerts
go out where Prometheus runs, and the quality comes back. Beside it stands what plain retraining
would have reached with the same rows. Ends with exit code 1 when one of these does not happen.
"""

import argparse
import os
import time
from collections.abc import Iterator
from itertools import product

from pipeline.registry.registry import open_registry
from pipeline.settings import load_settings
from scripts.cli.api_client import open_api_client
from scripts.cli.command import CommandError, run
from scripts.simulation.demo_run import Decision, DemoRun, concept_detected, describe, known_quality
from scripts.simulation.load_generator import LoadGenerator, Outcome
from scripts.simulation.monitoring_client import make_watcher, wait_for
from scripts.simulation.plain_retraining import Plain
from scripts.simulation.row_source import make_world

CALM_ROWS, STEP_ROWS = 200, 50
MOST_STEPS = 16  # of changed rows until the alarm, and again until the quality is back
PROBE_ROWS = 200
WITHIN = 0.1  # balanced accuracy below what it was that still counts as back
ALERT = "ConceptDrift"


def main() -> None:
    options = read_options()
    settings = load_settings()
    caller = open_api_client(settings)
    world = make_world(settings, options.seed)
    traffic = LoadGenerator(caller, world, options.rate, delay=0)
    plain = Plain(settings, open_registry(settings.artifacts))
    play(DemoRun(caller, make_watcher(settings), traffic, plain))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=25.0, help="predictions a second (25)")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def play(demo: DemoRun) -> None:
    introduce(demo)
    enough = stay_calm(demo) - WITHIN
    move(demo, enough)
    change(demo, enough)
    conclude(demo)


def introduce(demo: DemoRun) -> None:
    """Find out which world the live version knows: an earlier demo may have taught it another."""
    demo.told = max((int(row["id"]) for row in demo.caller.retrainings()), default=0)
    known = {}
    world = demo.traffic.world
    for world.moved, world.changed in product((False, True), repeat=2):
        known[world.moved, world.changed] = known_quality(probe(demo))
    world.moved, world.changed = max(known, key=lambda state: known[state])
    demo.tell(f"Version {demo.caller.live_version()} is live. Where to look:")
    for name, url in places(demo):
        print(f"         {name:10} {url}")


def probe(demo: DemoRun) -> Outcome:
    """Predictions in the world as it is; nothing is told as feedback."""
    outcome = Outcome()
    for _ in range(PROBE_ROWS):
        row, target = demo.draw()
        answer = demo.caller.predict(row)
        if answer is None:
            demo.failed += 1
        else:
            outcome.sent.append(row)
            outcome.pairs.append((target, str(answer["prediction"])))
    return outcome


def places(demo: DemoRun) -> Iterator[tuple[str, str]]:
    yield "the page", os.environ.get("WEBAPP_URL", "http://127.0.0.1:8081")
    yield "Evidently", os.environ.get("EVIDENTLY_URL", "http://127.0.0.1:8082")
    yield "figures", f"{demo.watcher.reporting}/metrics"
    if demo.watcher.firing() is not None:
        yield "Prometheus", f"{demo.watcher.prometheus}/alerts"
        yield "Grafana", os.environ.get("GRAFANA_URL", "http://127.0.0.1:3000")


def stay_calm(demo: DemoRun) -> float:
    demo.tell(f"Calm: {CALM_ROWS} rows like those of the training, each with its feedback.")
    demo.send(CALM_ROWS)
    demo.settle()
    if concept_detected(demo.watcher.next_figures()):
        raise CommandError(
            "An alarm stands already; let it pass first with scripts/simulate.py recover."
        )
    return demo.compare("before", probe(demo))


def move(demo: DemoRun, enough: float) -> None:
    """The inputs change, and what is true of them does not."""
    world = demo.traffic.world
    world.moved = not world.moved
    picture = world.schema.image is not None
    demo.tell(
        "The camera is moved by a pixel."
        if picture
        else "A third of the sensors read otherwise by their spread."
    )
    demo.compare("moved", probe(demo))
    demo.compare("moved, learned", learn(demo, enough))
    recover(demo, enough)


def change(demo: DemoRun, enough: float) -> None:
    """Until the alarm. Retraining does not wait for it: the first version may come before."""
    demo.traffic.world.changed = not demo.traffic.world.changed
    demo.tell("The concept changes: labels mean something else in about a quarter of the rows.")
    demo.compare("changed", probe(demo))
    demo.knowing, began = None, time.monotonic()
    for step in range(1, MOST_STEPS + 1):
        demo.send(STEP_ROWS)
        figures = demo.watcher.next_figures()
        rate = figures.get('concept_error_rate{data="live"}')
        demo.tell(f"{step * STEP_ROWS} rows on, the error rate is {describe(rate)}.")
        look_at_versions(demo, demo.decisions(), enough)
        if concept_detected(figures):
            break
    else:
        raise CommandError(f"The change was not detected within {MOST_STEPS * STEP_ROWS} rows.")
    demo.tell(f"Detected by {' and '.join(concept_detected(figures))}.")
    demo.table += [
        ("rows until the alarm", f"{step * STEP_ROWS}"),
        ("seconds to detection", f"{time.monotonic() - began:.0f}"),
    ]
    await_alert(demo)
    demo.compare("changed, learned", learn(demo, enough))
    recover(demo, enough)


def await_alert(demo: DemoRun) -> None:
    if demo.watcher.firing() is None:
        demo.tell(f"No Prometheus on {demo.watcher.prometheus}: the figures are the alarm.")
        return
    began = time.monotonic()
    wait_for(lambda: ALERT in (demo.watcher.firing() or ()), f"The alert {ALERT}", 240)
    demo.tell(f"Prometheus: {ALERT} fires.")
    demo.table.append(("seconds from detection to alert", f"{time.monotonic() - began:.0f}"))


def learn(demo: DemoRun, enough: float) -> Outcome:
    """More feedback of the world as it is, until a promoted version knows it."""
    for _ in range(MOST_STEPS):
        look_at_versions(demo, demo.settle(), enough)
        if demo.knowing:
            return demo.knowing
        demo.send(STEP_ROWS)
    raise CommandError(f"No version knew the new world after {MOST_STEPS * STEP_ROWS} more rows.")


def look_at_versions(demo: DemoRun, decisions: list[Decision], enough: float) -> None:
    """Ask the latest that was promoted how well it knows the world as it is."""
    promoted = [row for row in decisions if row["state"] == "promoted"]
    if demo.knowing or not promoted:
        return
    demo.wait_until_live(str(promoted[-1]["version"]))
    outcome = probe(demo)
    quality = known_quality(outcome)
    demo.tell(f"Version {demo.caller.live_version()}: balanced accuracy {quality:.1%}.")
    demo.knowing = outcome if quality >= enough else None


def recover(demo: DemoRun, enough: float) -> None:
    """Until the alarm is over and the quality is what it was."""
    demo.tell("From now on nothing changes any more.")
    for _ in range(MOST_STEPS):
        outcome = demo.send(2 * STEP_ROWS)
        quality = known_quality(outcome)
        demo.settle()
        alarm = concept_detected(demo.watcher.next_figures())
        demo.tell(
            f"Balanced accuracy {quality:.1%}, {'the alarm stands' if alarm else 'no alarm'}."
        )
        if not alarm and quality >= enough:
            break
    else:
        raise CommandError("The alarm still stands.")
    if demo.watcher.firing() is not None:
        wait_for(lambda: ALERT not in (demo.watcher.firing() or ()), f"The end of {ALERT}", 240)


def conclude(demo: DemoRun) -> None:
    demo.tell("The new version has learned the change. make fresh starts over.")
    demo.table.append(("predictions that failed", f"{demo.failed}"))
    print(f"\n{'balanced accuracy':18} {'rows':>5} {'Boucle':>8} {'plain retraining':>17}")
    for name, rows, mine, plain in demo.compared:
        print(f"{name:18} {rows:5} {mine:8.1%} {plain:17.1%}")
    width = max(len(name) for name, _ in demo.table)
    print("\n" + "\n".join(f"{name:{width}}  {value:>6}" for name, value in demo.table))
    if demo.failed:
        raise CommandError(f"{demo.failed} predictions failed.")


if __name__ == "__main__":
    run(main)
