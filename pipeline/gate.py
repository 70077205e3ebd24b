"""Whether a challenger may replace the live version: on rows that neither was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import binomtest

from pipeline.evidence import Evidence, Labels, Trial
from pipeline.knobs import RetrainingSettings
from pipeline.scores import Scores, score_predictions

LEVEL = 0.01
CLASS_ROWS = 10  # rows of a class below which its recall says nothing


@dataclass(frozen=True)
class Verdict:
    promote: bool
    reason: str
    numbers: dict[str, Any]


def judge(labels: Sequence[str], evidence: Evidence, wanted: RetrainingSettings) -> Verdict:
    """Promote or reject, in a sentence with the numbers that decided."""
    numbers = describe(labels, evidence)
    if wanted.gate == "off":
        return Verdict(True, "promoted without a gate, as configured", numbers)
    objection = _object(labels, evidence, wanted, numbers)
    if objection is not None:
        return Verdict(False, f"rejected: {objection}", numbers)
    return Verdict(True, f"promoted: {_praise(evidence, numbers, wanted)}", numbers)


def describe(labels: Sequence[str], evidence: Evidence) -> dict[str, Any]:
    """The numbers of a decision; one that cannot be computed is None."""
    numbers: dict[str, Any] = {
        "world_changed": evidence.world_changed,
        "contradicted_share": evidence.contradicted_share,
    }
    for name, trial in (("holdout", evidence.holdout), ("recent", evidence.recent)):
        numbers[f"{name}_rows"] = len(trial)
        numbers[name] = _balanced(labels, trial.targets, trial.challenger)
        live = trial.live
        numbers[f"live_{name}"] = None if live is None else _balanced(labels, trial.targets, live)
    return numbers


def _balanced(labels: Sequence[str], targets: Labels, predictions: Labels) -> float | None:
    if len(targets) == 0:
        return None
    return score_predictions(labels, targets, predictions).balanced_accuracy


def _object(
    labels: Sequence[str], evidence: Evidence, wanted: RetrainingSettings, numbers: dict[str, Any]
) -> str | None:
    """What speaks against the challenger, or None."""
    contradicted = evidence.contradicted_share
    most = most_believed(evidence.expected_error, wanted)
    if contradicted is not None and contradicted > most:
        return (
            f"{contradicted:.0%} of the recent feedback contradicts the live version, more than "
            f"the {most:.0%} that a changing world is believed to explain; its labels look wrong"
        )
    if evidence.holdout.live is None:
        return None
    enough = len(evidence.recent) >= wanted.least_recent
    if evidence.awaited_since_rollback and not enough:
        return (
            f"{len(evidence.recent)} evaluation rows came since the last rollback, "
            f"{wanted.least_recent} are needed before anything is promoted again"
        )
    knows = knows_better(evidence)
    if enough and not knows and numbers["recent"] < numbers["live_recent"] - wanted.tolerance:
        return _compare(numbers, "recent", "recent rows")
    return _object_holdout(labels, evidence, wanted, numbers)


def most_believed(expected_error: float, wanted: RetrainingSettings) -> float:
    """The share of feedback that may contradict a version before its labels are not believed.

    Of flipped labels as many contradict it as it is usually right.
    """
    return wanted.max_contradicted * (1.0 - expected_error)


def _object_holdout(
    labels: Sequence[str], evidence: Evidence, wanted: RetrainingSettings, numbers: dict[str, Any]
) -> str | None:
    """The past counts less when the world changed and the challenger knows it."""
    knows = knows_better(evidence)
    most = wanted.max_holdout_drop_changed if knows else wanted.max_holdout_drop
    mark = None if knows else evidence.holdout_mark
    if numbers["holdout"] < max(numbers["live_holdout"], mark or 0.0) - most:
        best = f", {mark:.2f} at its best" if mark and mark > numbers["live_holdout"] else ""
        compared = _compare(numbers, "holdout", "holdout rows")
        return f"{compared}{best}, a drop of more than {most:.2f}"
    trial = evidence.recent if knows else evidence.holdout
    return _object_class(labels, trial, wanted.max_class_drop)


def knows_better(evidence: Evidence) -> bool:
    """Whether the world changed and the challenger is right where the live version errs.

    The sign test on the rows where one of both is right, at 0.01.
    """
    if not evidence.world_changed or evidence.recent.live is None:
        return False
    gained, lost = _count_differences(evidence.recent)
    if gained + lost == 0:
        return False
    return bool(binomtest(gained, gained + lost, 0.5, alternative="greater").pvalue < LEVEL)


def _count_differences(trial: Trial) -> tuple[int, int]:
    """Rows where the challenger alone is right, and where the live version alone is."""
    right, was = trial.challenger == trial.targets, trial.live == trial.targets
    return int((right & ~was).sum()), int((was & ~right).sum())


def _object_class(labels: Sequence[str], trial: Trial, most: float) -> str | None:
    if trial.live is None or len(trial) == 0:
        return None
    now = score_predictions(labels, trial.targets, trial.challenger)
    before = score_predictions(labels, trial.targets, trial.live)
    for label in labels:
        recall, was = now.classes[label].recall, before.classes[label].recall
        if recall is None or was is None or now.classes[label].rows < CLASS_ROWS:
            continue
        if recall < was - most:
            rows = now.classes[label].rows
            return f"of {rows} rows labelled '{label}' it finds {recall:.0%}, live {was:.0%}"
    return None


def _compare(numbers: dict[str, Any], name: str, rows: str) -> str:
    mine, live = numbers[name], numbers[f"live_{name}"]
    return f"balanced accuracy on {numbers[f'{name}_rows']} {rows} {mine:.2f}, live {live:.2f}"


def _praise(evidence: Evidence, numbers: dict[str, Any], wanted: RetrainingSettings) -> str:
    if evidence.holdout.live is None:
        return "there was no live version that could be read"
    if knows_better(evidence):
        gained, lost = _count_differences(evidence.recent)
        return (
            f"the world has changed; of {len(evidence.recent)} rows it is right on {gained} where "
            f"live errs, and wrong on {lost} where live is right"
        )
    name, most = "holdout", wanted.max_holdout_drop
    if len(evidence.recent) >= wanted.least_recent:
        name, most = "recent", wanted.tolerance
    compared = _compare(numbers, name, f"{name} rows")
    if numbers[name] >= numbers[f"live_{name}"]:
        return compared
    return f"{compared}, which is no drop of more than {most:.2f}"


def mark_holdout(evidence: Evidence, numbers: Mapping[str, Any]) -> float | None:
    """The best that the line has reached on the holdout; many small losses must not add up."""
    reached = (numbers["holdout"], numbers["live_holdout"], evidence.holdout_mark)
    known = [value for value in reached if value is not None]
    return numbers["holdout"] if knows_better(evidence) or not known else max(known)


def recent_scores(labels: Sequence[str], trial: Trial) -> Scores | None:
    if len(trial) == 0:
        return None
    return score_predictions(labels, trial.targets, trial.challenger)
