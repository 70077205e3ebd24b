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
from pipeline.retraining.candidate import SHOWN, Candidate, Rows, make_candidate
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing, contradicted_share, squared_errors
from pipeline.retraining.foreign_model import ForeignModel, make_foreign_candidate
from pipeline.retraining.gate import Evidence, Verdict, judge
from pipeline.retraining.label_change import prefer_recent
from pipeline.settings import Settings

LEAST_NEW_ROWS = 30  # labels below which it is not said that they are wrong throughout


class SingleLabel(Exception):
    """There is nothing to tell apart."""


@dataclass(frozen=True)
class Challenger:
    candidate: Candidate
    usual: str  # the classifier of those that learn from all rows
    judges: NDArray[np.bool_]  # the rows of production that nobody was trained on
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
    """Train, unless a model is given, and judge.

    `rolled_back` rows came before the last rollback, if there was one.
    """
    wanted = settings.retraining
    judging = 0 if wanted.gate == "off" else wanted.recent_rows
    rows = Rows(prepared.reference, production, production.judges(judging))
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
    heard = production.seqs > (rolled_back or 0)
    evidence = Evidence(
        _ask(candidate, live, prepared.holdout),
        _hear(candidate, live, rows, heard),
        contradicted_share=_contradicted(rows, live, wanted.recent_rows),
        expected_error=live.expected_error if live else 0.0,
        after_rollback=rolled_back is not None,
        learned_since=candidate.since,
    )
    verdict = judge(prepared.embedding.schema.labels, evidence, wanted)
    return Challenger(candidate, how.classifier, rows.judges, evidence, verdict)


def _refuse_one_label(rows: Rows) -> None:
    targets = rows.to_learn_from.targets
    if (targets == targets[:1]).all():
        raise SingleLabel("the rows carry a single label")


def _ask(candidate: Candidate, live: Champion | None, holdout: LabelledVectors) -> Pairing:
    said = predict(candidate.trained.model, holdout.values)
    if live is None:
        return Pairing(holdout.targets, said, None)
    squared = _measure_both(candidate, live, holdout.values, holdout.targets)
    return Pairing(holdout.targets, said, live.predict(holdout.values), squared)


def _hear(
    candidate: Candidate, live: Champion | None, rows: Rows, heard: NDArray[np.bool_]
) -> Pairing:
    """The judges; of one that learned since a change those since, and what else is new to both."""
    predictions, asked = candidate.predict(rows), rows.judges & heard
    if live and candidate.since is not None:
        new = (rows.production.seqs > live.trained_through) & (predictions != SHOWN)
        asked = (asked | new) & heard & (rows.production.seqs >= candidate.since)
    values, targets = rows.production.values[asked], rows.production.targets[asked]
    if live is None:
        return Pairing(targets, predictions[asked], None)
    squared = _measure_both(candidate, live, values, targets) if candidate.since is None else None
    return Pairing(targets, predictions[asked], live.predict(values), squared)


def _measure_both(
    candidate: Candidate, live: Champion, values: Numbers, targets: Labels
) -> tuple[Numbers, Numbers] | None:
    """The squared errors of their probabilities; None without rows."""
    if len(values) == 0:
        return None
    model = candidate.trained.model
    shares = squared_errors(model.predict_proba(values), model.classes_.tolist(), targets)
    return shares, live.squared_errors(values, targets)


def _contradicted(rows: Rows, live: Champion | None, most: int) -> float | None:
    """By the live version, of the latest rows that are new to it; None while these are few."""
    if live is None:
        return None
    new = rows.production.where(rows.judges | (rows.production.seqs > live.trained_through))
    new = new.where(slice(-most, None))
    if len(new) < LEAST_NEW_ROWS:
        return None
    return contradicted_share(live.predict(new.values), new.targets)


def _within(progress: Progress, start: float, end: float) -> Progress:
    """The stages of training as a part of the whole."""
    shares = {"out of fold": (0.0, 0.5), "training": (0.5, 1.0)}

    def report(stage: str, share: float) -> None:
        first, last = shares.get(stage, (0.0, 1.0))
        progress(stage, start + (end - start) * (first + (last - first) * share))

    return report
