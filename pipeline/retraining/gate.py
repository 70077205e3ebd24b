"""Decides whether a challenger may replace the live version, on rows that neither was trained on.

It is promoted unless one of these is so beyond chance: the labels of the feedback look wrong
throughout; it is worse on the judges, which are the latest evaluation rows; it hardly finds a label
any more; its probabilities are worse; or one of these on the holdout, if it is not better on the
judges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.arrays import Labels
from pipeline.quality.metrics import score_predictions
from pipeline.retraining.evaluation import Pairing
from pipeline.setting_tables import RetrainingSettings

WORSE = 0.05  # level of the judges' sign test
WORSE_ON_HOLDOUT = 0.01  # stricter, because the holdout is older
COLLAPSED = 0.01  # level for a label that is hardly found any more
FURTHER_OFF = 0.1  # the share by which its Brier score must be worse
BETTER = 0.01  # level at which the judges call it better, and the holdout is not asked


@dataclass(frozen=True)
class Evidence:
    """What is known about a challenger and the live version."""

    holdout: Pairing
    judges: Pairing
    contradicted_share: float | None = None  # of the feedback that is new to the live version
    expected_error: float = 0.0  # of the live version
    after_rollback: bool = False  # a rollback was last, and the judges came after it
    learned_since: int | None = None  # the first row it learned from, None for all


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
    objection = _find_objection(labels, evidence, wanted)
    if objection is not None:
        return Verdict(False, f"rejected: {objection}", numbers)
    return Verdict(True, f"promoted: {_explain_promotion(evidence)}", numbers)


def describe(labels: Sequence[str], evidence: Evidence) -> dict[str, Any]:
    """The numbers behind a decision, None for one that cannot be computed."""
    numbers: dict[str, Any] = {"contradicted_share": evidence.contradicted_share}
    for name, pairing in (("holdout", evidence.holdout), ("recent", evidence.judges)):
        numbers.update(describe_rows(labels, name, pairing))
    return numbers


def describe_rows(labels: Sequence[str], name: str, pairing: Pairing) -> dict[str, Any]:
    live = pairing.live
    return {
        f"{name}_rows": len(pairing),
        name: _balanced(labels, pairing.targets, pairing.challenger),
        f"live_{name}": None if live is None else _balanced(labels, pairing.targets, live),
        f"{name}_gained": pairing.gained,
        f"{name}_lost": pairing.lost,
    }


def _balanced(labels: Sequence[str], targets: Labels, predictions: Labels) -> float | None:
    if len(targets) == 0:
        return None
    return score_predictions(labels, targets, predictions).balanced_accuracy


def contradicted_if(wrong: float, expected_error: float, labels: int) -> float:
    """The share of rows that contradict a version if the share `wrong` of the labels is wrong.

    A wrong label agrees with the version where the version happens to make the same mistake.
    """
    agrees = (1.0 - wrong) * (1.0 - expected_error) + wrong * expected_error / (labels - 1)
    return 1.0 - agrees


def _find_objection(
    labels: Sequence[str], evidence: Evidence, wanted: RetrainingSettings
) -> str | None:
    """The first reason to reject the challenger, or None."""
    share, judges, holdout = evidence.contradicted_share, evidence.judges, evidence.holdout
    most = contradicted_if(wanted.max_contradicted, evidence.expected_error, len(labels))
    if share is not None and share > most:
        return (
            f"{share:.0%} of the new feedback contradicts the live version, more than the "
            f"{most:.0%} if {wanted.max_contradicted:.0%} were wrong; its labels look wrong"
        )
    if evidence.after_rollback and len(judges) < wanted.least_recent:
        return (
            f"{len(judges)} evaluation rows came since the last rollback, "
            f"{wanted.least_recent} are needed before anything is promoted again"
        )
    if judges.is_worse(WORSE):
        return f"on {_compare(judges, 'recent')}"
    if label := judges.collapsed(COLLAPSED):
        return f"of {_count(judges, label, 'recent')}"
    if is_less_sure(judges):
        return f"on {len(judges)} recent rows {describe_sureness(judges)}"
    outdated = evidence.learned_since is not None  # a holdout from before the change
    if outdated or judges.is_better(BETTER):
        return None
    if holdout.is_worse(WORSE_ON_HOLDOUT):
        return f"on {_compare(holdout, 'holdout')}"
    if label := holdout.collapsed(COLLAPSED):
        return f"of {_count(holdout, label, 'holdout')}"
    if is_less_sure(holdout, WORSE_ON_HOLDOUT) and judges.is_no_surer():
        return f"on {len(holdout)} holdout rows {describe_sureness(holdout)}"
    return None


def is_less_sure(rows: Pairing, level: float = WORSE) -> bool:
    """Whether its probabilities are worse although it is not right more often."""
    return rows.is_further_off(level, FURTHER_OFF) and not rows.is_better(WORSE)


def describe_sureness(rows: Pairing) -> str:
    mine, theirs = rows.brier
    return f"its probabilities are further off (Brier score {mine:.3f} instead of {theirs:.3f})"


def _count(rows: Pairing, label: str, name: str) -> str:
    own = rows.targets == label
    mine, theirs = (
        0 if said is None else int((said[own] == label).sum())
        for said in (rows.challenger, rows.live)
    )
    return f"{own.sum()} {name} rows labelled '{label}' it finds {mine}, live {theirs}"


def _explain_promotion(evidence: Evidence) -> str:
    if evidence.holdout.live is None:
        return "there was no live version to compare with"
    judges = evidence.judges
    rows, name = (judges, "recent") if len(judges) else (evidence.holdout, "holdout")
    said = "better" if rows.is_better(WORSE) else "no worse"
    since = evidence.learned_since
    changed = "" if since is None else f"labels changed at row {since}, it set older rows aside: "
    return f"{changed}{said}: on {_compare(rows, name)}"


def _compare(rows: Pairing, name: str) -> str:
    return (
        f"{len(rows)} {name} rows it alone is right on {rows.gained}, the live version alone on "
        f"{rows.lost}"
    )
