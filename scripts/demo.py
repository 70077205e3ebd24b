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


def play(story: DemoRun) -> None:
    introduce(story)
    enough = stay_calm(story) - WITHIN
    move(story, enough)
    change(story, enough)
    conclude(story)


def introduce(story: DemoRun) -> None:
    """Find out which world the live version knows: an earlier demo may have taught it another."""
    story.told = max((int(row["id"]) for row in story.caller.retrainings()), default=0)
    known = {}
    world = story.traffic.world
    for world.moved, world.changed in product((False, True), repeat=2):
        known[world.moved, world.changed] = known_quality(probe(story))
    world.moved, world.changed = max(known, key=lambda state: known[state])
    story.tell(f"Version {story.caller.live_version()} is live. Where to look:")
    for name, url in places(story):
        print(f"         {name:10} {url}")


def probe(story: DemoRun) -> Outcome:
    """Predictions in the world as it is; nothing is told as feedback."""
    outcome = Outcome()
    for _ in range(PROBE_ROWS):
        row, target = story.draw()
        answer = story.caller.predict(row)
        if answer is None:
            story.failed += 1
        else:
            outcome.sent.append(row)
            outcome.pairs.append((target, str(answer["prediction"])))
    return outcome


def places(story: DemoRun) -> Iterator[tuple[str, str]]:
    yield "the page", os.environ.get("WEBAPP_URL", "http://127.0.0.1:8081")
    yield "Evidently", os.environ.get("EVIDENTLY_URL", "http://127.0.0.1:8082")
    yield "figures", f"{story.watcher.reporting}/metrics"
    if story.watcher.firing() is not None:
        yield "Prometheus", f"{story.watcher.prometheus}/alerts"
        yield "Grafana", os.environ.get("GRAFANA_URL", "http://127.0.0.1:3000")


def stay_calm(story: DemoRun) -> float:
    story.tell(f"Calm: {CALM_ROWS} rows like those of the training, each with its feedback.")
    story.send(CALM_ROWS)
    story.settle()
    if concept_detected(story.watcher.next_figures()):
        raise CommandError(
            "An alarm stands already; let it pass first with scripts/simulate.py recover."
        )
    return story.compare("before", probe(story))


def move(story: DemoRun, enough: float) -> None:
    """The inputs change, and what is true of them does not."""
    world = story.traffic.world
    world.moved = not world.moved
    picture = world.schema.image is not None
    story.tell(
        "The camera is moved by a pixel."
        if picture
        else "A third of the sensors read otherwise by their spread."
    )
    story.compare("moved", probe(story))
    story.compare("moved, learned", learn(story, enough))
    recover(story, enough)


def change(story: DemoRun, enough: float) -> None:
    """Until the alarm. Retraining does not wait for it: the first version may come before."""
    story.traffic.world.changed = not story.traffic.world.changed
    story.tell("The concept changes: labels mean something else in about a quarter of the rows.")
    story.compare("changed", probe(story))
    story.knowing, began = None, time.monotonic()
    for step in range(1, MOST_STEPS + 1):
        story.send(STEP_ROWS)
        figures = story.watcher.next_figures()
        rate = figures.get('concept_error_rate{data="live"}')
        story.tell(f"{step * STEP_ROWS} rows on, the error rate is {describe(rate)}.")
        look_at_versions(story, story.decisions(), enough)
        if concept_detected(figures):
            break
    else:
        raise CommandError(f"The change was not detected within {MOST_STEPS * STEP_ROWS} rows.")
    story.tell(f"Detected by {' and '.join(concept_detected(figures))}.")
    story.table += [
        ("rows until the alarm", f"{step * STEP_ROWS}"),
        ("seconds to detection", f"{time.monotonic() - began:.0f}"),
    ]
    await_alert(story)
    story.compare("changed, learned", learn(story, enough))
    recover(story, enough)


def await_alert(story: DemoRun) -> None:
    if story.watcher.firing() is None:
        story.tell(f"No Prometheus on {story.watcher.prometheus}: the figures are the alarm.")
        return
    began = time.monotonic()
    wait_for(lambda: ALERT in (story.watcher.firing() or ()), f"The alert {ALERT}", 240)
    story.tell(f"Prometheus: {ALERT} fires.")
    story.table.append(("seconds from detection to alert", f"{time.monotonic() - began:.0f}"))


def learn(story: DemoRun, enough: float) -> Outcome:
    """More feedback of the world as it is, until a promoted version knows it."""
    for _ in range(MOST_STEPS):
        look_at_versions(story, story.settle(), enough)
        if story.knowing:
            return story.knowing
        story.send(STEP_ROWS)
    raise CommandError(f"No version knew the new world after {MOST_STEPS * STEP_ROWS} more rows.")


def look_at_versions(story: DemoRun, decisions: list[Decision], enough: float) -> None:
    """Ask the latest that was promoted how well it knows the world as it is."""
    promoted = [row for row in decisions if row["state"] == "promoted"]
    if story.knowing or not promoted:
        return
    story.wait_until_live(str(promoted[-1]["version"]))
    outcome = probe(story)
    quality = known_quality(outcome)
    story.tell(f"Version {story.caller.live_version()}: balanced accuracy {quality:.1%}.")
    story.knowing = outcome if quality >= enough else None


def recover(story: DemoRun, enough: float) -> None:
    """Until the alarm is over and the quality is what it was."""
    story.tell("The world stays as it is by now.")
    for _ in range(MOST_STEPS):
        outcome = story.send(2 * STEP_ROWS)
        quality = known_quality(outcome)
        story.settle()
        alarm = concept_detected(story.watcher.next_figures())
        story.tell(
            f"Balanced accuracy {quality:.1%}, {'the alarm stands' if alarm else 'no alarm'}."
        )
        if not alarm and quality >= enough:
            break
    else:
        raise CommandError("The alarm still stands.")
    if story.watcher.firing() is not None:
        wait_for(lambda: ALERT not in (story.watcher.firing() or ()), f"The end of {ALERT}", 240)


def conclude(story: DemoRun) -> None:
    story.tell("The model knows the world as it is by now; make fresh starts anew.")
    story.table.append(("predictions that failed", f"{story.failed}"))
    print(f"\n{'balanced accuracy':18} {'rows':>5} {'Boucle':>8} {'plain retraining':>17}")
    for name, rows, mine, plain in story.compared:
        print(f"{name:18} {rows:5} {mine:8.1%} {plain:17.1%}")
    width = max(len(name) for name, _ in story.table)
    print("\n" + "\n".join(f"{name:{width}}  {value:>6}" for name, value in story.table))
    if story.failed:
        raise CommandError(f"{story.failed} predictions failed.")


if __name__ == "__main__":
    run(main)
