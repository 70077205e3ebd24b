"""Whether it is well: a light and a sentence for each of service, inputs, quality and loop.

A light repeats what serving and reporting decided. It judges nothing itself, so that no page
contradicts another.
"""

from dataclasses import dataclass
from typing import Literal

from webapp.client.history import Quality
from webapp.client.metrics_text import MetricSamples
from webapp.client.responses import Loop
from webapp.widgets.formats import ago, percent

Colour = Literal["green", "orange", "red", "gray"]
SHOWN_MOVES = 2
DIAGNOSES = {
    "damage": "The data are damaged",
    "concept": "Inputs mean something else than before",
    "target": "True labels have other shares than before",
    "covariate": "Inputs changed",
}


@dataclass(frozen=True)
class Light:
    """`page` has the explanation."""

    title: str
    colour: Colour
    sentence: str
    page: str


def judge_service(ready: dict[str, str] | None, trouble: str) -> Light:
    if ready is None:
        return Light("Service", "red", trouble, "model")
    version = ready["model_version"]
    if ready["store"] != "up":
        text = f"Version {version} answers; the store is away, so that feedback is refused"
        return Light("Service", "orange", text, "model")
    return Light("Service", "green", f"Version {version} answers", "model")


def judge_inputs(figures: MetricSamples | None) -> Light:
    """What moved, in words, where an alarm holds or the latest window drifted."""
    if figures is None:
        return Light("Inputs", "gray", "Reporting is not running to watch them", "monitoring")
    if figures.value("drift_insufficient") == 1:
        return Light("Inputs", "gray", _too_few("predictions", figures), "monitoring")
    alarm = figures.value("drift_alarm")
    if alarm is None:
        return Light("Inputs", "gray", "Not looked at yet", "monitoring")
    if not alarm:
        return Light("Inputs", "green", "They look like those that were learned from", "monitoring")
    moves = _moves(figures)
    return Light("Inputs", "orange", moves or "They changed, though no feature alone", "monitoring")


def _too_few(data: str, figures: MetricSamples) -> str:
    there, needed = (
        figures.value(f"reporting_{name}_rows", data=data) for name in ("window", "least")
    )
    if there is None or needed is None:
        return "Too few rows to say"
    return f"Too few rows to say: {there:,.0f} of {needed:,.0f}"


def _moves(figures: MetricSamples) -> str:
    moved = sorted(figures.find("drift_change"), key=lambda sample: -sample.value)
    told = []
    for sample in moved[:SHOWN_MOVES]:
        feature = sample.labels["feature"]
        since = figures.value("drift_since_timestamp_seconds", feature=feature)
        when = f", first seen {ago(since)}" if since else ""
        told.append(f"{feature} is {sample.value:.2g} {sample.labels['change']}{when}")
    more = len(moved) - len(told)
    if told and more > 0:
        told.append(f"{more} more features moved")
    return f"Inputs changed: {'; '.join(told)}" if told else ""


def judge_quality(figures: MetricSamples | None, known: Quality) -> Light:
    told = describe_quality(known)
    if figures is None:
        return Light(
            "Quality", "gray", f"{told}. Reporting is not running to judge it", "monitoring"
        )
    if figures.value("concept_drift_insufficient") == 1:
        few = _too_few("labelled", figures).lower()
        return Light("Quality", "gray", f"{told}; {few}", "monitoring")
    worse = figures.value("concept_drift_detected")
    if worse is None:
        return Light("Quality", "gray", told, "monitoring")
    if worse:
        return Light("Quality", "red", f"More is wrong than expected. {told}", "monitoring")
    return Light("Quality", "green", told, "monitoring")


def describe_quality(known: Quality) -> str:
    """What labels say, else what confidence lets expect."""
    if known.accuracy is not None:
        rows = "1 answer" if known.labelled == 1 else f"{known.labelled:,} answers"
        return f"{percent(known.accuracy)} right by {rows}"
    if known.expected_accuracy is not None:
        return f"No answers yet; {percent(known.expected_accuracy)} right is expected"
    return "No answers yet"


def judge_loop(loop: Loop | None) -> Light:
    if loop is None:
        return Light("Loop", "gray", "Not known while the store is away", "model")
    active = loop.active
    if active is not None:
        doing = active.stage or "waits in the queue"
        return Light("Loop", "green", f"A retraining is under way: {doing}", "model")
    decided = next((one for one in loop.retrainings if one.state != "superseded"), None)
    answers = "1 more answer" if loop.remaining == 1 else f"{loop.remaining} more answers"
    left = f"{answers} until the next retraining"
    if decided is None:
        return Light("Loop", "green", left[:1].upper() + left[1:], "model")
    when = ago(decided.finished_at or decided.requested_at)
    if decided.state == "failed":
        return Light("Loop", "red", f"The last retraining failed {when}; {left}", "model")
    version = f"version {decided.version}" if decided.version else "the last retraining"
    text = f"{version[:1].upper()}{version[1:]} was {decided.state} {when}; {left}"
    return Light("Loop", "orange" if decided.state == "rolled back" else "green", text, "model")


def sum_up(lights: list[Light], diagnosis: str) -> str:
    """One sentence for all of them."""
    bad = [light for light in lights if light.colour in ("red", "orange")]
    if not bad:
        unknown = " and ".join(light.title.lower() for light in lights if light.colour == "gray")
        return f"All is well, but {unknown} cannot be judged yet." if unknown else "All is well."
    first = next((light for light in bad if light.colour == "red"), bad[0])
    told = DIAGNOSES.get(diagnosis, "") if first.title in ("Inputs", "Quality") else ""
    names = " and ".join(light.title.lower() for light in bad)
    return f"{told}." if told else f"Look at {names}."
