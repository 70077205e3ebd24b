"""A challenger: trained on reference and production, and judged against the live version."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.classifier_choice import settled
from pipeline.evaluation import Pairing, contradicted_share
from pipeline.gate import Evidence, Verdict, judge
from pipeline.knobs import RetrainingSettings
from pipeline.live_version import LiveVersion
from pipeline.prepared import Prepared
from pipeline.production import Production
from pipeline.progress import Progress, no_progress
from pipeline.settings import Settings
from pipeline.training import Trained, predict, train
from pipeline.vectors import Vectors

LEAST_NEW_ROWS = 30  # labels below which it is not said that they are wrong throughout


class OneLabel(Exception):
    """There is nothing to tell apart."""


@dataclass(frozen=True)
class Challenger:
    training: Vectors  # what it was trained on
    judges: NDArray[np.bool_]  # the rows of production that judge it
    trained: Trained
    evidence: Evidence
    verdict: Verdict


def challenge(
    settings: Settings,
    prepared: Prepared,
    production: Production,
    live: LiveVersion | None,
    rolled_back: int | None = None,
    progress: Progress = no_progress,
) -> Challenger:
    """Train and judge; `rolled_back` rows came before the last rollback, if there was one."""
    wanted = settings.retraining
    judges = _choose_judges(production, wanted)
    shown = production.where(~judges)
    training = prepared.reference.join(shown.values, shown.targets)
    if (training.targets == training.targets[:1]).all():
        raise OneLabel("the rows carry a single label")
    how = settled(settings.training, live.sealed.manifest if live else None)
    trained = train(training, how, _within(progress, 0.1, 0.9))
    progress("judging", 0.9)
    heard = judges & (production.seqs > (rolled_back or 0))
    evidence = Evidence(
        _pair(trained, live, prepared.holdout.values, prepared.holdout.targets),
        _pair(trained, live, production.values[heard], production.targets[heard]),
        contradicted_share=_contradicted(production, live, judges, wanted.recent_rows),
        expected_error=live.expected_error if live else 0.0,
        after_rollback=rolled_back is not None,
    )
    verdict = judge(prepared.embedding.schema.labels, evidence, wanted)
    return Challenger(training, judges, trained, evidence, verdict)


def _choose_judges(production: Production, wanted: RetrainingSettings) -> NDArray[np.bool_]:
    """Without a gate nobody judges, and every row is trained on."""
    return production.judges(0 if wanted.gate == "off" else wanted.recent_rows)


def _pair(
    trained: Trained, live: LiveVersion | None, values: np.ndarray, targets: np.ndarray
) -> Pairing:
    said = live.predict(values) if live else None
    return Pairing(targets, predict(trained.model, values), said)


def _contradicted(
    production: Production, live: LiveVersion | None, judges: NDArray[np.bool_], most: int
) -> float | None:
    """By the live version, of the latest rows that are new to it; None while these are few."""
    if live is None:
        return None
    new = production.where(judges | (production.seqs > live.trained_through))
    new = new.where(slice(-most, None))
    if len(new) < LEAST_NEW_ROWS:
        return None
    return contradicted_share(live.predict(new.values), new.targets)


def _within(progress: Progress, start: float, end: float) -> Progress:
    """The stages of training as a part of the whole."""
    shares = {"out of fold": (0.0, 0.5), "training": (0.5, 0.85), "compiling": (0.85, 1.0)}

    def report(stage: str, share: float) -> None:
        first, last = shares.get(stage, (0.0, 1.0))
        progress(stage, start + (end - start) * (first + (last - first) * share))

    return report
