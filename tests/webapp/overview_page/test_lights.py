"""The lights of the overview: what serving and reporting decided, in words."""

import time

import pytest

from webapp.client.history import Quality
from webapp.client.metrics_text import MetricSamples, Sample
from webapp.client.responses import Loop, Retraining
from webapp.overview_page.lights import (
    Light,
    judge_inputs,
    judge_loop,
    judge_quality,
    judge_service,
    sum_up,
)

NONE = Quality(0, None, None, 0, None, None, None)
KNOWN = Quality(900, 0.9, 0.94, 300, 0.67, 0.931, 0.92)


def figures(*samples):
    return MetricSamples([Sample(name, labels, value) for name, labels, value in samples])


def decided(state, version="0002", reason="", since=0.0):
    at = time.time() - since
    return Retraining(1, state, "done", 1.0, "by hand", "admin", version, reason, {}, at, at)


INPUTS = {
    "no reporting": (None, "gray", "not running"),
    "too few": (
        figures(
            ("drift_insufficient", {}, 1),
            ("reporting_window_rows", {"data": "predictions"}, 30),
            ("reporting_least_rows", {"data": "predictions"}, 200),
        ),
        "gray",
        "30 of 200",
    ),
    "calm": (figures(("drift_alarm", {}, 0)), "green", "look like"),
    "moved": (
        figures(
            ("drift_alarm", {}, 1),
            ("drift_change", {"feature": "depth", "change": "sd higher"}, 0.31),
        ),
        "orange",
        "depth 0.31 sd higher",
    ),
    "only together": (figures(("drift_alarm", {}, 1)), "orange", "no feature alone"),
    "no figure yet": (figures(), "gray", "Not looked at"),
}


@pytest.mark.parametrize(("found", "colour", "words"), INPUTS.values(), ids=INPUTS)
def test_inputs(found, colour, words):
    light = judge_inputs(found)
    assert light.colour == colour
    assert words in light.sentence


QUALITY = {
    "nothing known": (figures(("concept_drift_insufficient", {}, 1)), NONE, "gray", "No answers"),
    "good": (figures(("concept_drift_detected", {}, 0)), KNOWN, "green", "300 answers"),
    "bad": (figures(("concept_drift_detected", {}, 1)), KNOWN, "red", "More is wrong"),
    "expected": (figures(), Quality(9, 0.9, 0.94, 0, 1.0, None, None), "gray", "is expected"),
    "no reporting": (None, KNOWN, "gray", "to judge it"),
    "no serving": (figures(("concept_drift_insufficient", {}, 1)), None, "gray", "Not known now"),
}


@pytest.mark.parametrize(("found", "known", "colour", "words"), QUALITY.values(), ids=QUALITY)
def test_quality(found, known, colour, words):
    light = judge_quality(found, known)
    assert light.colour == colour
    assert words in light.sentence


LOOPS = {
    "nothing yet": (Loop(50, 1, ()), "green", "1 more answer until"),
    "promoted": (Loop(50, 20, (decided("promoted"),)), "green", "Version 0002: promoted"),
    "failed": (Loop(50, 20, (decided("failed"),)), "red", "failed"),
    "rolled back": (Loop(50, 20, (decided("rolled back"),)), "orange", "rolled back"),
    "under way": (Loop(50, 20, (decided("running"),)), "green", "under way"),
    "by hand": (
        Loop(50, 20, (decided("rolled back", "0001", "0001 was put live by hand, before 0002"),)),
        "green",
        "Version 0001: put live",
    ),
    "nobody works": (Loop(50, 20, (decided("queued", since=60),)), "orange", "nobody takes it"),
    "nothing known": (None, "gray", "Not known now"),
}


@pytest.mark.parametrize(("loop", "colour", "words"), LOOPS.values(), ids=LOOPS)
def test_loop(loop, colour, words):
    light = judge_loop(loop)
    assert light.colour == colour
    assert words in light.sentence


def test_service():
    ready = {"status": "ready", "model_version": "0003", "store": "up"}
    assert judge_service(ready, "").colour == "green"
    assert judge_service({**ready, "store": "away"}, "").colour == "orange"
    assert judge_service(None, "Serving does not answer.").colour == "red"


def light(title, colour):
    return Light(title, colour, "")


def test_one_sentence_says_it():
    calm = [light("Service", "green"), light("Inputs", "green")]
    assert sum_up(calm, "") == "All is well."
    assert "judged yet: inputs" in sum_up([calm[0], light("Inputs", "gray")], "")
    assert sum_up([calm[0], light("Inputs", "orange")], "covariate") == "Inputs changed."
    assert sum_up([light("Service", "red"), light("Inputs", "orange")], "covariate") == (
        "Look at service and inputs."
    )
