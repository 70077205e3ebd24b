"""A traffic light and a sentence for each of service, inputs, quality and retraining.

A light shows what serving and reporting decided, and decides nothing itself. So no page contradicts
another.
"""

import time
from dataclasses import dataclass
from typing import Literal

from webapp.client.history import Quality
from webapp.client.metrics_text import MetricSamples
from webapp.client.responses import Loop
from webapp.texts import join_parts, mark, say, say_count
from webapp.widgets.formats import ago, count, named, number, percent
from webapp.widgets.retraining_progress import PATIENCE, say_remaining
from webapp.wording.reporting import say_change
from webapp.wording.trainer import say_stage

Colour = Literal["green", "orange", "red", "gray"]
SERVICE, INPUTS = mark("Service"), mark("Inputs")
QUALITY, LOOP = mark("Quality"), mark("Loop")
PAGES = {SERVICE: "model", INPUTS: "monitoring", QUALITY: "monitoring", LOOP: "model"}
SHOWN_MOVES = 2
DIAGNOSES = {
    "damage": mark("The data are damaged"),
    "concept": mark("Inputs mean something else than before"),
    "target": mark("True labels have other shares than before"),
    "covariate": mark("Inputs changed"),
}


@dataclass(frozen=True)
class Light:
    title: str  # translated where it is shown
    colour: Colour
    sentence: str

    @property
    def page(self) -> str:
        """The page that explains it."""
        return PAGES[self.title]


def judge_service(ready: dict[str, str] | None, trouble: str) -> Light:
    if ready is None:
        return Light(SERVICE, "red", trouble.removesuffix("."))
    version = ready["model_version"]
    if ready["store"] != "up":
        away = mark("Version {version} answers; the store is away, so that feedback is refused")
        return Light(SERVICE, "orange", say(away, version=version))
    return Light(SERVICE, "green", say("Version {version} answers", version=version))


def judge_inputs(figures: MetricSamples | None) -> Light:
    """The drift in words, if an alarm holds."""
    if figures is None:
        return Light(INPUTS, "gray", say("Reporting is not running to watch them"))
    if figures.value("drift_insufficient") == 1:
        return Light(INPUTS, "gray", _too_few("predictions", figures))
    alarm = figures.value("drift_alarm")
    if alarm is None:
        return Light(INPUTS, "gray", say("Not looked at yet"))
    if not alarm:
        return Light(INPUTS, "green", say("They look like those that were learned from"))
    together = say("They changed, though no feature alone")
    return Light(INPUTS, "orange", _moves(figures) or together)


def _too_few(data: str, figures: MetricSamples) -> str:
    there, needed = (
        figures.value(f"reporting_{name}_rows", data=data) for name in ("window", "least")
    )
    if there is None or needed is None:
        return say("Too few rows to say")
    words, reference = mark("Too few rows to say: {there} of {needed}"), figures.reference_rows
    if there >= needed and reference is not None and reference < needed:
        words, there = mark("Too few rows of the reference to say: {there} of {needed}"), reference
    return say(words, there=count(there), needed=count(needed))


def _moves(figures: MetricSamples) -> str:
    moved = figures.moves()
    told = []
    for sample in moved[:SHOWN_MOVES]:
        feature = sample.labels["feature"]
        since = figures.value("drift_since_timestamp_seconds", feature=feature)
        when = f", {say('first seen {when}', when=ago(since))}" if since else ""
        amount = f"{number(round(sample.value, 2))} {say_change(sample.labels['change'])}"
        told.append(f"{feature} {amount}{when}")
    more = len(moved) - len(told)
    if told and more > 0:
        told.append(
            say_count(
                "{number} more feature moved", "{number} more features moved", more, number=more
            )
        )
    return named(say("Inputs changed"), join_parts(told)) if told else ""


def judge_quality(figures: MetricSamples | None, known: Quality | None) -> Light:
    if known is None:
        return Light(QUALITY, "gray", say("Not known now"))
    told = describe_quality(known)
    if figures is None:
        return Light(QUALITY, "gray", f"{told}. {say('Reporting is not running to judge it')}")
    if figures.value("concept_drift_insufficient") == 1:
        return Light(QUALITY, "gray", f"{told}. {_too_few('labelled', figures)}")
    worse = figures.value("concept_drift_detected")
    if worse is None:
        return Light(QUALITY, "gray", told)
    if worse:
        return Light(QUALITY, "red", f"{say('More is wrong than expected')}. {told}")
    return Light(QUALITY, "green", told)


def describe_quality(known: Quality) -> str:
    """Quality by feedback, else as expected from confidence."""
    if known.accuracy is not None:
        return say_count(
            "{share} right by {rows} answer",
            "{share} right by {rows} answers",
            known.labelled,
            share=percent(known.accuracy),
            rows=count(known.labelled),
        )
    if known.expected_accuracy is not None:
        share = percent(known.expected_accuracy)
        return say("No answers yet; {share} right is expected", share=share)
    return say("No answers yet")


def judge_loop(loop: Loop | None) -> Light:
    if loop is None:
        return Light(LOOP, "gray", say("Not known now"))
    active, left = loop.active, say_remaining(loop.remaining)
    if active is not None:
        waited = time.time() - active.requested_at
        if active.state == "queued" and not active.reason and waited > PATIENCE:
            return Light(LOOP, "orange", say("A retraining waits, and nobody takes it"))
        doing = say_stage(active.stage) or say("waits in the queue")
        return Light(LOOP, "green", say("A retraining is under way: {doing}", doing=doing))
    decided = next((one for one in loop.retrainings if one.state != "superseded"), None)
    if decided is None:
        return Light(LOOP, "green", left)
    when = ago(decided.finished_at or decided.requested_at)
    if decided.state == "failed":
        failed = say("The last retraining failed {when}", when=when)
        return Light(LOOP, "red", join_parts((failed, left)))
    version = decided.version
    what = say("Version {version}", version=version) if version else say("The last retraining")
    done = say("put live") if decided.by_hand else say(decided.state)
    back = decided.state == "rolled back" and not decided.by_hand
    told = join_parts((named(what, f"{done} {when}"), left))
    return Light(LOOP, "orange" if back else "green", told)


def sum_up(lights: list[Light], diagnosis: str) -> str:
    """One sentence about all lights."""
    bad = [light for light in lights if light.colour in ("red", "orange")]
    if not bad:
        unknown = [light for light in lights if light.colour == "gray"]
        but = mark("All is well, but this cannot be judged yet: {names}.")
        return say(but, names=_name(unknown)) if unknown else say("All is well.")
    first = next((light for light in bad if light.colour == "red"), bad[0])
    if first.title in (INPUTS, QUALITY) and diagnosis in DIAGNOSES:
        return f"{say(DIAGNOSES[diagnosis])}."
    return say("Look at {names}.", names=_name(bad))


def _name(lights: list[Light]) -> str:
    return say(" and ").join(say(light.title).lower() for light in lights)
