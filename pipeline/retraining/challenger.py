"""A challenger: trained on reference and production, and judged against the live version."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Labels, Numbers
from pipeline.auto.classifier_choice import settled
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.training import predict
from pipeline.production.production_rows import ProductionRows
from pipeline.progress import Progress, no_progress
from pipeline.registry.prepared import PreparedData
from pipeline.retraining.candidate import SHOWN, Candidate, TrainingRows, make_candidate
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing, contradicted_share, squared_errors
from pipeline.retraining.foreign_model import ForeignModel, make_foreign_candidate
from pipeline.retraining.gate import Evidence, Verdict, judge
from pipeline.retraining.label_change import prefer_recent
from pipeline.settings import Settings

LEAST_NEW_ROWS = 30  # with fewer new labels it is not judged whether they are wrong throughout


class SingleLabel(Exception):
    """All rows have the same label, so there is nothing to learn."""


@dataclass(frozen=True)
class Challenger:
    candidate: Candidate
    usual: str  # the classifier of candidates that learn from all rows
    judges: NDArray[np.bool_]  # the rows of production that no version was trained on
    evidence: Evidence
    verdict: Verdict


def challenge(
    settings: Settings,
    prepared: PreparedData,
    production: ProductionRows,
    live: Champion | None,
    rolled_back: int | None = None,
    progress: Progress = no_progress,
    given: ForeignModel | None = None,
) -> Challenger:
    """Train a candidate, or take the given model, and judge it against the live version.

    `rolled_back`: how many rows of feedback there were at the last rollback, if it still holds.
    """
    wanted = settings.retraining
    judging = 0 if wanted.gate == "off" else wanted.recent_rows
    rows = TrainingRows(prepared.reference, production, production.judges(judging))
    _refuse_one_label(rows)
    how = settled(settings.training, live.sealed.manifest if live else None)
    candidate: Candidate
    if given is not None:
        candidate = make_foreign_candidate(given, prepared, settings.training)
    else:
        candidate = make_candidate(rows, how, _within(progress, 0.1, 0.8))
    progress("judging", 0.85)
    if live and wanted.gate == "on" and given is None:
        candidate = prefer_recent(candidate, rows, live, settings.training)
    after_rollback = production.seqs > (rolled_back or 0)
    evidence = Evidence(
        _pair_on_holdout(candidate, live, prepared.holdout),
        _pair_on_judges(candidate, live, rows, after_rollback),
        contradicted_share=_contradicted(rows, live, wanted.recent_rows),
        expected_error=live.expected_error if live else 0.0,
        after_rollback=rolled_back is not None,
        learned_since=candidate.since,
    )
    verdict = judge(prepared.embedding.schema.labels, evidence, wanted)
    return Challenger(candidate, how.classifier, rows.judges, evidence, verdict)


def _refuse_one_label(rows: TrainingRows) -> None:
    targets = rows.to_learn_from.targets
    if (targets == targets[:1]).all():
        raise SingleLabel("the rows carry a single label")


def _pair_on_holdout(
    candidate: Candidate, live: Champion | None, holdout: LabelledVectors
) -> Pairing:
    said = predict(candidate.trained.model, holdout.values)
    if live is None:
        return Pairing(holdout.targets, said, None)
    squared = _measure_both(candidate, live, holdout.values, holdout.targets)
    return Pairing(holdout.targets, said, live.predict(holdout.values), squared)


def _pair_on_judges(
    candidate: Candidate,
    live: Champion | None,
    rows: TrainingRows,
    after_rollback: NDArray[np.bool_],
) -> Pairing:
    """Both on the judges that came after the last rollback.

    A candidate that learned since a change is judged by rows since then: by the judges, and by rows
    that are new to the live version and have an out-of-sample prediction of the candidate.
    """
    predictions, asked = candidate.predict(rows), rows.judges & after_rollback
    if live and candidate.since is not None:
        new = (rows.production.seqs > live.trained_through) & (predictions != SHOWN)
        asked = (asked | new) & after_rollback & (rows.production.seqs >= candidate.since)
    values, targets = rows.production.values[asked], rows.production.targets[asked]
    if live is None:
        return Pairing(targets, predictions[asked], None)
    squared = _measure_both(candidate, live, values, targets) if candidate.since is None else None
    return Pairing(targets, predictions[asked], live.predict(values), squared)


def _measure_both(
    candidate: Candidate, live: Champion, values: Numbers, targets: Labels
) -> tuple[Numbers, Numbers] | None:
    """The squared errors of the probabilities of both; None without rows."""
    if len(values) == 0:
        return None
    model = candidate.trained.model
    shares = squared_errors(model.predict_proba(values), model.classes_.tolist(), targets)
    return shares, live.squared_errors(values, targets)


def _contradicted(rows: TrainingRows, live: Champion | None, most: int) -> float | None:
    """The share of the latest rows that the live version contradicts; None while few are new."""
    if live is None:
        return None
    new = rows.production.where(rows.judges | (rows.production.seqs > live.trained_through))
    new = new.where(slice(-most, None))
    if len(new) < LEAST_NEW_ROWS:
        return None
    return contradicted_share(live.predict(new.values), new.targets)


def _within(progress: Progress, start: float, end: float) -> Progress:
    """Scale the progress of training to its part of the whole retraining."""
    shares = {"out of fold": (0.0, 0.5), "training": (0.5, 1.0)}

    def report(stage: str, share: float) -> None:
        first, last = shares.get(stage, (0.0, 1.0))
        progress(stage, start + (end - start) * (first + (last - first) * share))

    return report
